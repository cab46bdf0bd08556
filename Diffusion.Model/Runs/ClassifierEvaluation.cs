using System.Diagnostics;
using System.Globalization;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;

namespace Diffusion.Model.Runs;

/// <summary>Shows the averaged weights of a classifier noised images at an evaluation: those held out, where there are some.</summary>
/// <param name="recipe">What is trained.</param>
/// <param name="images">The images it is trained on, and those held out; not owned.</param>
public sealed class ClassifierEvaluation(Recipe recipe, TrainingData images) : IRunEvaluation
{
    private readonly ClassifierTest _test = new(recipe, images.Test ?? images.Train);

    /// <inheritdoc/>
    public Sequence<string> Columns => _test.Columns;

    /// <inheritdoc/>
    public Sequence<string> Remarks => images.Test is null ? ["no held-out images: accuracy is measured on the training images"] : [];

    /// <inheritdoc/>
    public string Provenance => string.Create(CultureInfo.InvariantCulture,
        $"ema={EmaText.Of(recipe.Ema[0])}; noised={Shown}; train={images.Train.Provenance}; seed={recipe.Seed}");

    /// <inheritdoc/>
    public EvaluationWork WorkAt(long step) => new(
        "judging", "network calls", _test.Calls(CountAt(step)), Counted.Of(CountAt(step), "image"));

    /// <inheritdoc/>
    public EvaluationResult Run(TrainingRun run, RunEvaluationWatch watch)
    {
        var (count, calls) = (CountAt(run.Updates), 0L);
        var scores = run.WithEma(0, (NoisyClassifier network) => _test.Measure(network, count, () =>
        {
            watch.Stopping.ThrowIfCancellationRequested();
            watch.Advanced(++calls);
        }));
        return new ClassifierReport(count, Columns.Zip(scores, (name, value) => new MetricValue(name, value)).ToSequence());
    }

    /// <inheritdoc/>
    public void Follow(Recipe renewed) => recipe = renewed;

    /// <inheritdoc/>
    public TimeSpan? TryUnit(TrainingRun run)
    {
        var (few, clock) = (Min(recipe.Evaluation.Batch, CountAt(recipe.Length.Steps)), Stopwatch.StartNew());
        run.WithEma(0, (NoisyClassifier network) => _test.Measure(network, few, () => { }));
        return clock.Elapsed / Max(1, _test.Calls(few));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private Provenance Shown => (images.Test ?? images.Train).Provenance;

    private int CountAt(long step) =>
        _test.CountOf(step >= recipe.Length.Steps ? recipe.Evaluation.FinalSamples : recipe.Evaluation.Samples);
}
