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

    /// <summary>How a run has to be renewed to end when its time is over; null where it does, or nearly, as it is.</summary>
    /// <remarks>
    /// It has at least one step more than were made. Evaluations go on at the distance that they had, but none comes so near to the end
    /// that the time for it is better spent on steps.
    /// </remarks>
    /// <param name="run">The run.</param>
    /// <param name="costs">What its parts take now.</param>
    public Renewal? Renewed(RunUnderWay run, RunCosts costs)
    {
        var (planned, left) = (run.Recipe.Length.Steps, (Whole - run.Gone).TotalSeconds);
        if (Abs(Rest(run, costs) - left) <= Tolerance * Whole.TotalSeconds)
            return null;
        var schedule = run.Schedule;
        var (made, apart) = (schedule.Until(run.Done), schedule.After(0));
        var last = made is [.., var latest] ? latest + (run.Done - latest) / apart * apart : 0;
        // Steps for which there is time, were there no evaluations but the last, and steps that take as long as one evaluation.
        var (fit, evaluation) = (Max(0, left - End(run, costs)) / costs.PerStep, Usual(run, costs) / costs.PerStep);
        var most = Min(run.Done + fit, Most);
        var times = (long)Max(0, Min((run.Done + fit - last - apart / 2.0) / (apart + evaluation), (most - last) / apart - 0.5));
        var steps = Max(run.Done + 1, (long)Min(run.Done + fit - times * evaluation, Most));
        return steps == planned ? null
            : new(run.Done, steps, [.. made, .. Enumerable.Range(1, (int)times).Select(index => last + index * apart)]);
    }

    /// <summary>How long the rest of a run takes, in seconds, with what is done after it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="costs">What its parts take.</param>
    public double Rest(RunUnderWay run, RunCosts costs) => (run.Recipe.Length.Steps - run.Done) * costs.PerStep
        + (run.Schedule.Count - run.Schedule.IndexAt(run.Done) - 1) * Usual(run, costs) + End(run, costs);

    private static double Usual(RunUnderWay run, RunCosts costs) => costs.Evaluation(run.CountAt(1));

    private double End(RunUnderWay run, RunCosts costs) => (1 + Samplings) * costs.Evaluation(run.CountAt(run.Recipe.Length.Steps));
}

/// <summary>A run between two steps.</summary>
/// <param name="Recipe">What is carried out.</param>
/// <param name="Images">Images that a pass over the data has; at least 1.</param>
/// <param name="Done">Updates made; fewer than the whole run has.</param>
/// <param name="Gone">What has passed of its time.</param>
public sealed record RunUnderWay(Recipe Recipe, long Images, long Done, TimeSpan Gone)
{
    /// <summary>When it is evaluated.</summary>
    public EvaluationSchedule Schedule => new(Recipe.Length, Images);

    /// <summary>How many samples the evaluation draws after so many updates.</summary>
    /// <param name="updates">Updates; at least 1.</param>
    public int CountAt(long updates) => Recipe.Evaluation.CountAt(updates, Recipe.Length);
}

/// <summary>That a run has another length from here on, and why.</summary>
/// <param name="Before">Updates that the whole run had.</param>
/// <param name="Renewal">What it has now.</param>
/// <param name="Planned">What a step was to take, in seconds.</param>
/// <param name="PerStep">What it takes now, in seconds.</param>
/// <param name="Rest">How long the rest takes.</param>
public sealed record NewLength(long Before, Renewal Renewal, double Planned, double PerStep, TimeSpan Rest);
