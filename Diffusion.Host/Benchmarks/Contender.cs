using System.Diagnostics;
using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.Images;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using TorchSharp;

namespace Diffusion.Host.Benchmarks;

/// <summary>A recipe in a comparison of qualities.</summary>
/// <param name="Name">What it is called there.</param>
/// <param name="Recipe">The recipe.</param>
/// <param name="Data">Its images; not owned.</param>
/// <param name="Meter">Measures its samples; not owned.</param>
internal sealed record Contender(string Name, Recipe Recipe, TrainingData Data, IDistanceMeter Meter)
{
    private const int WarmUp = 2;

    /// <summary>The recipe with so many steps, from another seed; its learning rate ends with them.</summary>
    /// <param name="steps">Updates of the weights.</param>
    /// <param name="seed">Number of the training, from 0.</param>
    public Contender Fitted(long steps, int seed) => this with
    {
        Recipe = LearningRateAdvice.OfLength(Recipe, steps, []) with { Seed = Recipe.Seed + (ulong)seed },
    };

    /// <summary>Floating-point operations of training on so many images, by the definition of the network.</summary>
    public double Operations(long images)
    {
        var shape = Data.Train.Provenance.Shape;
        return 2.0 * UNetArithmetic.TrainingFactor * images * Recipe.Network.Products(shape.Height, shape.Width);
    }

    /// <summary>Trains from the first step to the last, and measures samples.</summary>
    /// <param name="device">Where.</param>
    /// <param name="count">How many samples are measured.</param>
    /// <param name="request">How they are drawn.</param>
    /// <param name="watch">Receives the progress, and may cancel it.</param>
    public Quality Train(torch.Device device, int count, SamplingRequest request, QualityWatch watch)
    {
        using var run = NewRun(device);
        var seconds = Seconds(device, () =>
        {
            while (run.Updates < Recipe.Length.Steps)
            {
                watch.Stopping.ThrowIfCancellationRequested();
                run.Advance();
                watch.Stepped(run.Updates);
            }
        });
        var images = run.ImagesSeen;
        return TrainedModel.OfRun(run, Data.Train.Provenance.Shape, model =>
        {
            using var sampler = new ModelSampler(model, request);
            using var samples = sampler.Draw(count, new() { Stopping = watch.Stopping });
            if (watch.Sheet is { } path)
            {
                var sheet = new SampleSheet(sampler, Data.Train.Provenance.Description.ClassNames);
                using var shown = samples.narrow(0, 0, Min(sheet.Shown, count));
                new SheetFile(path, sampler.Provenance().ToSequence()).Save(sheet.Compose(shown));
            }
            var values = Meter.Measure(samples, sampler.LabelOf);
            return new Quality(Recipe.Seed, Recipe.Length.Steps, images, seconds, Operations(images), sampler.Sampler, values)
            {
                Batch = Recipe.Length.Batch,
                Count = count,
            };
        });
    }

    /// <summary>How long a step of each takes, while they take turns: whatever else the machine does falls on all of them.</summary>
    /// <param name="contenders">The recipes.</param>
    /// <param name="device">Where.</param>
    /// <param name="span">How long each is tried.</param>
    /// <param name="stopping">Ends it early.</param>
    /// <returns>The median of the turns, in seconds.</returns>
    public static Sequence<double> Paces(
        Sequence<Contender> contenders, torch.Device device, TimeSpan span, CancellationToken stopping)
    {
        const int turns = 9;
        var runs = new List<TrainingRun>();
        var times = contenders.Select(_ => new List<double>()).ToList();
        try
        {
            foreach (var contender in contenders)
            {
                runs.Add(contender.NewRun(device));
                for (var step = 0; step < WarmUp; step++)
                    runs[^1].Advance();
            }
            for (var turn = 0; turn < turns; turn++)
                foreach (var (run, taken) in runs.Zip(times))
                    taken.Add(Turn(run, device, span / turns, stopping));
        }
        finally
        {
            foreach (var run in runs)
                run.Dispose();
        }
        return times.Select(taken => taken.Order().ElementAt(turns / 2)).ToSequence();
    }

    private static double Turn(TrainingRun run, torch.Device device, TimeSpan span, CancellationToken stopping)
    {
        var before = run.Updates;
        return Seconds(device, () =>
        {
            var start = Stopwatch.GetTimestamp();
            do
            {
                stopping.ThrowIfCancellationRequested();
                run.Advance();
                // A GPU is given orders far faster than it carries them out.
                TrainTrial.Wait(device);
            }
            while (Stopwatch.GetElapsedTime(start) < span);
        }) / (run.Updates - before);
    }

    private TrainingRun NewRun(torch.Device device) => new(Recipe, Data.Train, device, Data.Test);

    private static double Seconds(torch.Device device, Action work)
    {
        TrainTrial.Wait(device);
        var start = Stopwatch.GetTimestamp();
        work();
        TrainTrial.Wait(device);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}

/// <summary>What came of one training.</summary>
/// <param name="Seed">What its random numbers follow from.</param>
/// <param name="Steps">Updates of the weights.</param>
/// <param name="Images">Images seen, with repetition.</param>
/// <param name="Seconds">Time spent in training steps.</param>
/// <param name="Operations">Floating-point operations of these steps.</param>
/// <param name="Sampler">How samples were drawn.</param>
/// <param name="Values">What was measured on them.</param>
internal sealed record Quality(
    ulong Seed, long Steps, long Images, double Seconds, double Operations, string Sampler, Sequence<MetricValue> Values)
{
    /// <summary>Images of an update.</summary>
    public required int Batch { get; init; }

    /// <summary>Samples that were measured.</summary>
    public required int Count { get; init; }
}

/// <summary>Receives the progress of a training, and may cancel it.</summary>
internal sealed record QualityWatch
{
    /// <summary>Called after every step.</summary>
    public Action<long> Stepped { get; init; } = _ => { };

    /// <summary>The file of a sheet of samples; null for none.</summary>
    public string? Sheet { get; init; }

    /// <summary>Ends the work early.</summary>
    public CancellationToken Stopping { get; init; }
}
