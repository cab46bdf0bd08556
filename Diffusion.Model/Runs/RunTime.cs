using Diffusion.Math.Values;
using Diffusion.Model.Recipes;

namespace Diffusion.Model.Runs;

/// <summary>The time that a run keeps, also where the pace of the machine changes under way.</summary>
/// <remarks>Nothing is measured here: the same state of a run gives the same length.</remarks>
/// <param name="Whole">The time, from the first step to the end of all; above zero.</param>
/// <param name="Costs">What the parts of the run take, as far as is known before its first step.</param>
public sealed record RunTime(TimeSpan Whole, RunCosts Costs)
{
    // A forecast that misses the end by less, as a share of the whole time, changes nothing.
    private const double Tolerance = 0.02;

    /// <summary>
    /// The shares of its steps, or of its time, at which the length of a run is looked at: more often towards the end, where less can be
    /// made up for.
    /// </summary>
    public static Sequence<double> Looks { get; } = [0.25, 0.5, 0.75, 0.9, 0.97];

    /// <summary>
    /// The time stamp of the run's clock from which on all that happens counts, evaluations included; null where the steps of training
    /// alone do.
    /// </summary>
    public long? Since { get; init; }

    /// <summary>The steps that the run does not go beyond, however fast it is; at least 1.</summary>
    public long Most { get; init => field = Require.AtLeast(value, 1, nameof(Most)); } = long.MaxValue;

    /// <summary>Times that as many samples as in the last evaluation are drawn after the run, within the same time; at least 0.</summary>
    public int Samplings { get; init => field = Require.AtLeast(value, 0, nameof(Samplings)); }

    /// <summary>The length at which a run ends when its time is over; null where it does, or nearly, as it is.</summary>
    /// <remarks>It is the longest that ends within the time, and has at least one step more than were made.</remarks>
    /// <param name="run">The run.</param>
    /// <param name="costs">What its parts take now.</param>
    public long? Length(RunUnderWay run, RunCosts costs)
    {
        var (steps, left) = (run.Recipe.Length.Steps, (Whole - run.Gone).TotalSeconds);
        if (Abs(Rest(run, costs, steps) - left) <= Tolerance * Whole.TotalSeconds)
            return null;
        var least = run.Done + 1;
        var most = Max(least, Min(Most, least + (long)Clamp(left / costs.PerStep, 0, int.MaxValue)));
        while (least < most)
        {
            var middle = least + (most - least + 1) / 2;
            (least, most) = Rest(run, costs, middle) <= left ? (middle, most) : (least, middle - 1);
        }
        return least == steps ? null : least;
    }

    /// <summary>How long the rest of a run takes, in seconds, with what is done after it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="costs">What its parts take.</param>
    /// <param name="steps">Updates in the whole run; more than were made.</param>
    public double Rest(RunUnderWay run, RunCosts costs, long steps)
    {
        var (evaluation, length) = (run.Recipe.Evaluation, run.Recipe.Length);
        var schedule = new EvaluationSchedule(length with { Steps = steps }, run.Images);
        var usual = schedule.Count - schedule.IndexAt(run.Done) - 1;
        return (steps - run.Done) * costs.PerStep + usual * costs.Evaluation(evaluation.CountAt(1, length))
            + (1 + Samplings) * costs.Evaluation(evaluation.CountAt(length.Steps, length));
    }
}

/// <summary>A run between two steps.</summary>
/// <param name="Recipe">What is carried out.</param>
/// <param name="Images">Images that a pass over the data has; at least 1.</param>
/// <param name="Done">Updates made; fewer than the whole run has.</param>
/// <param name="Gone">What has passed of its time.</param>
public sealed record RunUnderWay(Recipe Recipe, long Images, long Done, TimeSpan Gone);

/// <summary>That a run has another length from here on.</summary>
/// <param name="Before">Updates that the whole run had.</param>
/// <param name="Steps">Updates that it has now.</param>
/// <param name="Planned">What a step was to take, in seconds.</param>
/// <param name="PerStep">What it takes now, in seconds.</param>
/// <param name="Rest">How long the rest takes.</param>
public sealed record NewLength(long Before, long Steps, double Planned, double PerStep, TimeSpan Rest);
