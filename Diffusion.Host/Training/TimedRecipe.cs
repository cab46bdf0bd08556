using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Model.Training;

namespace Diffusion.Host.Training;

/// <summary>A recipe made as long as a time suffices for, found by trying what its parts take here.</summary>
/// <param name="recipe">What is trained.</param>
/// <param name="data">The images.</param>
/// <param name="options">How the run is carried out.</param>
internal sealed class TimedRecipe(Recipe recipe, TrainingData data, TrainerOptions options)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>Settings that were asked for, which stay.</summary>
    public Sequence<RecipeChange> Asked { get; init; } = [];

    /// <summary>What the parts take; null to find it by trying.</summary>
    public RunCosts? Costs { get; init; }

    /// <summary>The recipe of the planned length; the plan is said.</summary>
    /// <exception cref="InputException">The time does not suffice.</exception>
    public Recipe Planned(Session session, TimeBudget budget)
    {
        var (costs, taken) = Costs is { } known ? (known, TimeSpan.Zero) : Tried(session, budget.Whole / 20);
        budget = budget with { Gone = budget.Gone + taken };
        var images = data.Train.Provenance.Count;
        var plan = budget.Plan(recipe, images, costs, Asked)
            ?? throw TooShort(budget, budget.Least(recipe, images, costs, Asked));
        var now = TimeProvider.System.GetLocalNow();
        session.Say($"{Minutes(budget.Whole)}: {plan.Text}, " +
            (budget.Samplings > 0 ? $"then a sweep of about {Duration.Text(plan.After)}, " : "") +
            $"{Duration.Text(budget.Reserve)} in reserve; ends about {Duration.Clock(now + plan.Total, now)}");
        if (RecipeDifference.Between(recipe, plan.Recipe) is { Count: > 0 } differences)
            session.Say($"set for it: {string.Join(", ", differences.Select(Said))}");
        return plan.Recipe;
    }

    /// <summary>The recipe, or a shorter one where its steps would take longer than a time; what is given up is said.</summary>
    /// <param name="session">Where.</param>
    /// <param name="most">The time of all steps together.</param>
    public Recipe Within(Session session, TimeSpan most)
    {
        var perStep = Costs is { } known ? known.PerStep : Step(session).TotalSeconds;
        var within = TimeBudget.Within(recipe, most, perStep, Asked);
        if (within.Length.Steps < recipe.Length.Steps)
            session.Say(FormattableString.Invariant(
                $"{within.Length.Batch / perStep:0} images/s here: {LengthRecipe.StepText(within.Length.Steps)} instead of ") +
                FormattableString.Invariant($"{recipe.Length.Steps:N0}, to train for {Minutes(most)}; the samples will be worse; ") +
                $"--steps {recipe.Length.Steps} trains them all, in about " +
                $"{Duration.Text(TimeSpan.FromSeconds(recipe.Length.Steps * perStep))}");
        return within;
    }

    private TimeSpan Step(Session session)
    {
        const int most = 40;
        using var run = new TrainingRun(recipe, data.Train, options.Device, data.Test);
        return RunTrial.Step(run, most, TimeSpan.FromSeconds(4), session.Stopping);
    }

    // What is prepared once and kept for other runs, such as the statistics of the images, is not part of the time.
    private (RunCosts Costs, TimeSpan Taken) Tried(Session session, TimeSpan span)
    {
        session.Say("the pace is measured for some seconds");
        using var meter = recipe.Goal is Goal.Denoise ? options.MeterOf(recipe, data) : null;
        var clock = Stopwatch.StartNew();
        using var run = new TrainingRun(recipe, data.Train, options.Device, data.Test);
        var costs = RunTrial.Costs(
            run, data, meter, span < Shortest ? Shortest : span > Longest ? Longest : span, session.Stopping);
        return (costs, clock.Elapsed);
    }

    private static InputException TooShort(TimeBudget budget, (PlannedRun Run, TimeSpan Time) least) => new("--minutes",
        Number(budget.Whole.TotalMinutes), $"at least {Number(Upwards(least.Time.TotalMinutes))} here, for {TimeBudget.LeastSteps} steps " +
            $"and an evaluation of {least.Run.LastText}{(budget.Samplings > 0 ? " and the sweep after it" : "")}");

    // The trial takes longer for a longer time, and the machine may be busier then: a little more, in two digits.
    private static double Upwards(double minutes)
    {
        var more = 1.15 * minutes;
        var unit = Pow(10, Floor(Log10(more)) - 1);
        return Ceiling(more / unit) * unit;
    }

    private static string Said(RecipeDifference difference) =>
        $"{difference.Path} {Value(difference.After)} ({Value(difference.Before)} in the recipe)";

    // A case of a union by its name and its numbers.
    private static string Value(string? json) => json is null ? "nothing" : JsonNode.Parse(json) is JsonObject union
        ? string.Join(' ', union.Select(field => field.Value?.ToString())) : json;

    private static string Minutes(TimeSpan time) => $"{Number(time.TotalMinutes)} minute{(time == TimeSpan.FromMinutes(1) ? "" : "s")}";

    private static string Number(double number) => number.ToString("#,0.####", CultureInfo.InvariantCulture);
}
