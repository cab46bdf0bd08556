using System.Diagnostics;
using System.Globalization;
using Diffusion.Math.Training;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;

namespace Diffusion.Model.Runs;

/// <summary>Finds out that a run has diverged: its gradients are not finite any more, or its weights are worse than none.</summary>
/// <param name="run">The run.</param>
/// <param name="every">Updates between two looks at its gradients.</param>
internal sealed class DivergenceCheck(TrainingRun run, long every)
{
    // At the end of a run so many skipped steps in a row mean that it diverged.
    private const long Few = 5;

    // Adam seldom bears more.
    private const double Highest = 1e-3;

    /// <summary>Whether the weights were sane at the last evaluation.</summary>
    public bool WasSane { get; private set; } = true;

    // So many steps in a row without a finite gradient end a run: fewer of a short one.
    private long TooMany => Min(every, Max(run.Recipe.Length.Steps / 4, Few));

    private bool IsAtEnd => run.Updates >= run.Recipe.Length.Steps;

    /// <summary>
    /// Looks at the gradients after a step. Steps that were skipped have changed no number, so a checkpoint from in between is as good
    /// as any.
    /// </summary>
    /// <returns>Why the run has diverged; null where it has not.</returns>
    public Divergence? AfterStep() => run.Updates % TooMany == 0 && run.Look() is var training && training.SkippedInARow >= TooMany
        ? new(training, "gradients were not finite")
        : null;

    /// <summary>
    /// Tries the weights at an evaluation. Those that are finite may still come back, so that they have until the next one for it, if
    /// there is one.
    /// </summary>
    /// <param name="training">How training went.</param>
    /// <param name="concern">Called with what is to be feared of weights that may still come back.</param>
    /// <returns>Why the run has diverged; null where it has not.</returns>
    public Divergence? AtEvaluation(TrainingReport training, Action<string> concern)
    {
        if (training.SkippedInARow >= (IsAtEnd ? Min(Few, run.Recipe.Length.Steps) : TooMany))
            return new(training, "gradients were not finite");
        var found = run.HeldOutLoss();
        if (!found.IsSane && (found.Value is null || IsAtEnd || !WasSane))
            return new(training, found.Text);
        WasSane = found.IsSane;
        if (!found.IsSane)
            concern(string.Create(CultureInfo.InvariantCulture,
                $"step {run.Updates} may have diverged, {found.Text}: its checkpoint is not marked as good"));
        return null;
    }

    /// <summary>What ends the run.</summary>
    /// <param name="divergence">Why.</param>
    /// <param name="store">Its checkpoints.</param>
    /// <param name="goOn">A command line that goes on with it.</param>
    public DivergenceException End(Divergence divergence, CheckpointStore store, string goOn)
    {
        var skipped = divergence.Training.Skipped > 0
            ? string.Create(CultureInfo.InvariantCulture, $", {LengthRecipe.StepText(divergence.Training.Skipped)} skipped")
            : "";
        var where = run.FirstBrokenParameter() is { } name ? $"; {name}" : "";
        var way = store.Latest(_ => { }) is { } good
            ? $"the last good checkpoint is {Path.GetFileName(good)}"
            : "there is no good checkpoint, so it starts from step 0";
        var rate = Lower(run.Recipe.Optimiser.Rate).ToString("0.##E-0", CultureInfo.InvariantCulture).ToLowerInvariant();
        return new(string.Create(CultureInfo.InvariantCulture,
            $"the run diverged by step {run.Updates}{skipped}: {divergence.Why}{where}; {way}; at a lower rate: {goOn} --set " +
                $"optimiser.rate.peak={rate}"));
    }

    private static double Lower(LearningRate rate) => Min(Highest, Peak(rate) / 10);

    private static double Peak(LearningRate rate) => rate switch
    {
        LearningRate.WarmUp warmUp => warmUp.Peak,
        LearningRate.WarmUpCosine cosine => cosine.Peak,
        LearningRate.WarmUpLinear linear => linear.Peak,
        LearningRate.OneCycle cycle => cycle.Peak,
        LearningRate.Trapezoid trapezoid => trapezoid.Peak,
        LearningRate.InverseSquareRoot root => root.Peak,
        LearningRate.Stretched stretched => Peak(stretched.Rate),
        _ => throw new UnreachableException(),
    };
}

/// <summary>That a run has diverged.</summary>
/// <param name="Training">How training went up to then.</param>
/// <param name="Why">The reason, as the end of a sentence.</param>
internal sealed record Divergence(TrainingReport Training, string Why);
