using System.Diagnostics;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.Images;
using Diffusion.Model.Training;
using static TorchSharp.torch;

namespace Diffusion.Model.Runs;

/// <summary>Finds how long the parts of a run take by doing a little of each.</summary>
public static class RunTrial
{
    private static readonly TimeSpan LongStep = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongMeasuring = TimeSpan.FromSeconds(1);

    // As few as a distance is computed from.
    private const int Measured = 64;

    // The sheet, the report, its charts and the checkpoint.
    private const double PerEvaluation = 0.5;

    /// <summary>How long a step takes; the run is some steps further then.</summary>
    /// <param name="run">The run.</param>
    /// <param name="most">No more steps than these are timed; at least 1.</param>
    /// <param name="span">And for no longer than this.</param>
    /// <param name="stopping">Ends it early.</param>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public static TimeSpan Step(TrainingRun run, int most, TimeSpan span, CancellationToken stopping)
    {
        // What is done once comes with the first. That of a large network is long enough to tell by itself.
        var (clock, steps) = (Stopwatch.StartNew(), 0);
        run.Advance();
        run.Look();
        stopping.ThrowIfCancellationRequested();
        if (clock.Elapsed > LongStep)
            return clock.Elapsed;
        clock.Restart();
        for (; steps == 0 || (steps < most && clock.Elapsed < span); steps++)
        {
            stopping.ThrowIfCancellationRequested();
            run.Advance();
        }
        run.Look();
        return clock.Elapsed / steps;
    }

    /// <summary>What the parts of a run take.</summary>
    /// <param name="run">The run; it is some steps further then.</param>
    /// <param name="data">Its images.</param>
    /// <param name="meter">What measures its samples; null for nothing.</param>
    /// <param name="span">How long its steps are tried.</param>
    /// <param name="stopping">Ends it early.</param>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public static RunCosts Costs(
        TrainingRun run, TrainingData data, IDistanceMeter? meter, TimeSpan span, CancellationToken stopping)
    {
        const int most = 100;
        var (recipe, steps) = (run.Recipe, run.Recipe.Length.Steps);
        using var evaluation = RunEvaluation.Of(recipe, data);
        var perStep = Step(run, most, span, stopping).TotalSeconds;
        var drawing = (evaluation.TryUnit(run)?.TotalSeconds ?? 0) * evaluation.WorkAt(steps).Total
            / recipe.Evaluation.CountAt(steps, recipe.Length);
        stopping.ThrowIfCancellationRequested();
        return new(Max(perStep, 1e-9), drawing + (meter is null ? 0 : Measuring(run, data.Train.Provenance.Shape, meter)), PerEvaluation);
    }

    private static double Measuring(TrainingRun run, ImageShape shape, IDistanceMeter meter)
    {
        using var scope = NewDisposeScope();
        var classes = run.Recipe.Network.Labels?.Classes;
        var noise = SeededNoise.Like(empty([Measured, shape.Channels, shape.Height, shape.Width], device: run.Device), new Seed(0));
        var images = noise.tanh();
        var clock = Stopwatch.StartNew();
        meter.Measure(images, sample => classes is { } count ? sample % count : null);
        if (clock.Elapsed < LongMeasuring)
        {
            // Without what is done once.
            clock.Restart();
            meter.Measure(images, sample => classes is { } count ? sample % count : null);
        }
        return clock.Elapsed.TotalSeconds / Measured;
    }
}
