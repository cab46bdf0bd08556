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

    /// <summary>What tells the time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>
    /// The recipe of the planned length, and the time that it keeps from now on; of settings that were measured before, those that promise
    /// the least distance. The plan is said.
    /// </summary>
    /// <exception cref="InputException">The time does not suffice.</exception>
    public (Recipe Recipe, RunTime Time) Planned(Session session, TimeBudget budget)
    {
        var plans = Plans(session, ref budget);
        var chosen = plans[Best(plans.Select(plan => plan.Expected).ToSequence())];
        var (now, run) = (Clock.GetLocalNow(), chosen.Run);
        session.Say($"{Minutes(budget.Whole)}: {run.Text}, " +
            (budget.Samplings > 0 ? $"then a sweep of about {Duration.Text(run.After)}, " : "") +
            $"{Duration.Text(budget.Reserve)} in reserve; ends about {Duration.Clock(now + run.Total, now)}");
        if (RecipeDifference.Between(recipe, run.Recipe) is { Count: > 0 } differences)
            session.Say($"set for it: {string.Join(", ", differences.Select(Said))}");
        foreach (var line in Expectations(chosen, plans))
            session.Say(line);
        return (run.Recipe, new(budget.Whole - budget.Gone - budget.Reserve, chosen.Costs)
        {
            Since = Clock.GetTimestamp(),
            Samplings = budget.Samplings,
        });
    }

    /// <summary>
    /// Which of several plans to carry out: another than the first only where a distance is expected of both, and less of the other.
    /// </summary>
    /// <remarks>Of a length that nobody measured nothing is expected, neither good nor bad.</remarks>
    /// <param name="expected">The distance that is expected of each plan, null where none can be said; at least one.</param>
    internal static int Best(Sequence<ExpectedDistance?> expected) => expected[0] is null
        ? 0
        : expected.Index().Where(each => each.Item is not null).MinBy(each => each.Item!.Value).Index;

    /// <summary>
    /// The recipe, or a shorter one where its steps would take longer than a time, which they keep too; what is given up is said.
    /// </summary>
    /// <param name="session">Where.</param>
    /// <param name="most">The time of all steps together.</param>
    public (Recipe Recipe, RunTime Time) Within(Session session, TimeSpan most)
    {
        var perStep = Costs is { } known ? known.PerStep : Step(session).TotalSeconds;
        var within = TimeBudget.Within(recipe, most, perStep, Asked);
        if (within.Length.Steps < recipe.Length.Steps)
            session.Say(FormattableString.Invariant(
                $"{within.Length.Batch / perStep:0} images/s here: {LengthRecipe.StepText(within.Length.Steps)} instead of ") +
                FormattableString.Invariant($"{recipe.Length.Steps:N0}, to train for {Minutes(most)}; the samples will be worse; ") +
                $"--steps {recipe.Length.Steps} trains them all, in about " +
                $"{Duration.Text(TimeSpan.FromSeconds(recipe.Length.Steps * perStep))}");
        if (MeasuredTrainings.VariantsOf(recipe).FirstOrDefault(variant => variant.Changes.Count == 0) is { } variant
            && variant.Fit.At(within.Length.Steps * within.Length.Batch) is { } expected)
            session.Say(Expectation(variant, expected));
        return (within, new(most, new(perStep, 0, 0)) { Most = recipe.Length.Steps });
    }

    // The recipe itself, and as it was measured with other settings. The time of the trials is divided among them.
    private Sequence<Plan> Plans(Session session, ref TimeBudget budget)
    {
        var variants = MeasuredTrainings.VariantsOf(recipe).Where(variant => variant.Suits(Asked)).ToArray();
        var own = variants.FirstOrDefault(variant => variant.Changes.Count == 0);
        TrainingVariant?[] wanted = [own, .. Costs is null ? variants.Where(variant => variant != own) : []];
        var tried = new List<(Recipe Recipe, TrainingVariant? Variant, RunCosts Costs)>();
        if (Costs is null)
            session.Say("the pace is measured for some seconds");
        foreach (var variant in wanted)
        {
            var candidate = variant is null ? recipe : RecipeChanges.Apply(recipe, variant.Changes);
            var (costs, taken) = Costs is { } known ? (known, TimeSpan.Zero) : Tried(candidate, session, budget.Whole / 20 / wanted.Length);
            budget = budget with { Gone = budget.Gone + taken };
            tried.Add((candidate, variant, costs));
        }
        var (images, left) = (data.Train.Provenance.Count, budget);
        var plans = tried
            .Select(each => left.Plan(each.Recipe, images, each.Costs, Asked) is { } run ? new Plan(each.Variant, run, each.Costs) : null)
            .OfType<Plan>().ToSequence();
        return plans.Count > 0 ? plans : throw TooShort(budget, budget.Least(recipe, images, tried[0].Costs, Asked));
    }

    private static IEnumerable<string> Expectations(Plan chosen, Sequence<Plan> plans)
    {
        if (chosen is not { Variant: { } variant, Expected: { } expected })
            yield break;
        yield return Expectation(variant, expected);
        foreach (var other in plans.Where(plan => plan != chosen && plan.Expected is not null))
            yield return FormattableString.Invariant(
                $"instead, with channels {Channels(other.Run.Recipe)}: {other.Run.Images:N0} images, {variant.Metric} about ") +
                other.Expected!.Text;
    }

    private static string Expectation(TrainingVariant variant, ExpectedDistance expected) => FormattableString.Invariant(
        $"expected at the end: {variant.Metric} about {expected.Text}, from {variant.Fit.Count} measured trainings");

    private static string Channels(Recipe recipe) => string.Join(", ", recipe.Network.Levels.Select(level => level.Channels));

    private TimeSpan Step(Session session)
    {
        const int most = 40;
        using var run = new TrainingRun(recipe, data.Train, options.Device, data.Test);
        return RunTrial.Step(run, most, TimeSpan.FromSeconds(4), session.Stopping);
    }

    // What is prepared once and kept for other runs, such as the statistics of the images, is not part of the time.
    private (RunCosts Costs, TimeSpan Taken) Tried(Recipe candidate, Session session, TimeSpan span)
    {
        using var meter = candidate.Goal is Goal.Denoise ? options.MeterOf(candidate, data) : null;
        var clock = Stopwatch.StartNew();
        using var run = new TrainingRun(candidate, data.Train, options.Device, data.Test);
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

    private sealed record Plan(TrainingVariant? Variant, PlannedRun Run, RunCosts Costs)
    {
        public ExpectedDistance? Expected => Variant?.Fit.At(Run.Images);
    }
}
