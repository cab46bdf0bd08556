using Diffusion.Model.Recipes;

namespace Diffusion.Model.Runs;

/// <summary>How long the rest of a run takes, as far as that can be known.</summary>
/// <param name="PerStep">How long a step takes.</param>
/// <param name="Training">How long the steps that are left take.</param>
/// <param name="Evaluations">Evaluations that are left.</param>
/// <param name="Evaluating">How long they take; null where nobody knows beforehand.</param>
public sealed record RunForecast(TimeSpan PerStep, TimeSpan Training, long Evaluations, TimeSpan? Evaluating)
{
    /// <summary>The forecast for a run.</summary>
    /// <param name="schedule">When it is evaluated.</param>
    /// <param name="updates">Updates made.</param>
    /// <param name="evaluation">What is done at its evaluations.</param>
    /// <param name="perStep">How long a step takes.</param>
    /// <param name="perUnit">How long a unit of an evaluation's work takes, or null.</param>
    public static RunForecast Of(
        EvaluationSchedule schedule, long updates, IRunEvaluation evaluation, TimeSpan perStep, TimeSpan? perUnit)
    {
        var steps = schedule.Length.Steps;
        var left = Max(schedule.Count - schedule.IndexAt(updates), 0);
        var units = left == 0 ? 0 : (double)evaluation.WorkAt(steps).Total
            + (left > 1 ? (left - 1.0) * evaluation.WorkAt(schedule.After(updates)).Total : 0);
        return new(perStep, Many(perStep, steps - updates), left, perUnit is { } unit ? Many(unit, units) : null);
    }

    /// <summary>The forecast for a whole run, from lengths of time in seconds.</summary>
    /// <param name="perStep">A step.</param>
    /// <param name="training">All steps.</param>
    /// <param name="evaluations">How many evaluations there are.</param>
    /// <param name="evaluating">All evaluations.</param>
    internal static RunForecast Of(double perStep, double training, long evaluations, double evaluating) =>
        new(Seconds(perStep), Seconds(training), evaluations, Seconds(evaluating));

    /// <summary>A length of time, which a forecast may have made longer than there are: a year is as good as never.</summary>
    internal static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(Min(seconds, 1e10));

    /// <summary>Both together.</summary>
    public TimeSpan Total => Training + (Evaluating ?? TimeSpan.Zero);

    /// <summary>Such as <c>training takes about 2 min 40 s, and 8 evaluations about 1 min 10 s</c>.</summary>
    public string Text => $"training takes about {Duration.Text(Training)}, " + (Evaluating is { } time
        ? $"and {EvaluationSchedule.TextOf(Evaluations)} about {Duration.Text(time)}"
        : $"plus {EvaluationSchedule.TextOf(Evaluations)}");

    private static TimeSpan Many(TimeSpan one, double many) => Seconds(one.TotalSeconds * many);
}
