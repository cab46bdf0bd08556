using System.Diagnostics;
using System.Globalization;
using Diffusion.Math.Plans;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using TorchSharp;

namespace Diffusion.Model.Runs;

/// <summary>Draws samples from the averaged weights at an evaluation, shows some, and measures all.</summary>
/// <remarks>
/// Sample number k has the same noise at every evaluation, so that sheets can be compared image by image. It is the one that <c>sample</c>
/// draws.
/// </remarks>
/// <param name="recipe">What is trained.</param>
/// <param name="images">The images it is trained on.</param>
/// <param name="meter">Measures the samples; owned.</param>
public sealed class SampleEvaluation(Recipe recipe, Provenance images, IDistanceMeter meter) : IRunEvaluation
{
    private const int FewOnCpu = 32;
    private const int FewestOnCpu = 4;
    private const long LargeNetwork = 5_000_000;
    private const int MostOnGpu = 128;

    private readonly SamplerPlan _plan = recipe.Evaluation.Sampler.Plan(recipe.Schedule, recipe.Evaluation.Spacing);

    /// <inheritdoc/>
    public Sequence<string> Columns => meter.Columns;

    /// <inheritdoc/>
    public Sequence<string> Remarks =>
    [
        .. Known,
        .. new[]
        {
            FrechetMetric.Concern(recipe.Evaluation.FewestIn(recipe.Length), meter.Features), recipe.Evaluation.Shortening(recipe.Length),
        }.OfType<string>(),
    ];

    private Sequence<string> Known => meter.Columns.Count == 0 ? [NoDistance] : Floors.Select(FloorText).ToSequence();

    // Of as many images as the final samples.
    private Sequence<Floor> Floors => field ??= meter.FloorOf(CountAt(recipe.Length.Steps));

    private static string FloorText(Floor floor) => string.Create(CultureInfo.InvariantCulture,
        $"{floor.Name} of {floor.Count:N0} held-out real images: {NumberText.Short(floor.Value, "0.####")}, the floor for as many samples");

    /// <inheritdoc/>
    public EvaluationWork WorkAt(long step) => new(
        "sampling", "network calls", Batches(CountAt(step)) * _plan.NetworkCalls,
        Counted.Of(CountAt(step), "sample"));

    /// <inheritdoc/>
    public string Provenance => string.Create(CultureInfo.InvariantCulture,
        $"ema={EmaText.Of(recipe.Ema[0])}; plan={PlanHash.Of(_plan)}; guidance={recipe.Evaluation.Guidance}; "
        + $"train={images}; {meter.Provenance}")
        + string.Concat(Floors.Select(floor => $", floor {NumberText.Short(floor.Value, "0.####")} of {floor.Count} held-out images"));

    /// <inheritdoc/>
    public EvaluationResult Run(TrainingRun run, RunEvaluationWatch watch)
    {
        var (count, labels) = (CountAt(run.Updates), images.Description.ClassNames);
        return TrainedModel.OfRun(run, images.Shape, model =>
        {
            using var sampler = new ModelSampler(model, new());
            using var samples = sampler.Draw(count, new()
            {
                Progress = new NetworkCallProgress(watch.Advanced), Stopping = watch.Stopping,
            });
            Save(new SampleSheet(sampler, labels), samples, sampler, watch);
            return new SampleReport(count, sampler.Sampler, sampler.Run.Plan.NetworkCalls, meter.Measure(samples, sampler.LabelOf));
        });
    }

    /// <inheritdoc/>
    public void Follow(Recipe renewed) => recipe = renewed;

    /// <inheritdoc/>
    public TimeSpan? TryUnit(TrainingRun run)
    {
        // A GPU needs many to be busy; a processor takes as long for each of them, but for a small network's overhead.
        var busy = run.Device.type == DeviceType.CUDA ? MostOnGpu : run.Arena.ParameterCount > LargeNetwork ? FewestOnCpu : FewOnCpu;
        var few = Min(Min(CountAt(run.Updates), recipe.Evaluation.Batch), busy);
        return TrainedModel.OfRun(run, images.Shape, model =>
        {
            using var sampler = new ModelSampler(model, new() { Batch = few });
            using var enough = new CancellationTokenSource();
            var trial = new Trial(run.Device, enough);
            try
            {
                using var samples = sampler.Draw(few, new() { Progress = trial, Stopping = enough.Token });
            }
            catch (OperationCanceledException) when (enough.IsCancellationRequested)
            {
            }
            catch (Exception shortage) when (OutOfMemory.IsMeantBy(shortage))
            {
                return (TimeSpan?)null;
            }
            return trial.PerCall * ((double)Min(recipe.Evaluation.Batch, CountAt(recipe.Length.Steps)) / few);
        });
    }

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();

    private int CountAt(long step) => recipe.Evaluation.CountAt(step, recipe.Length);

    private string NoDistance => SmallNetwork.For(images.Shape) is not null
        ? "no distance is measured"
        : $"no FID: the built-in feature networks are for images of 1×28×28 and 3×32×32, " +
            $"not {images.Shape}; the " +
        "Inception network (--inception FILE) accepts every size";

    private long Batches(int samples) => (samples + recipe.Evaluation.Batch - 1) / recipe.Evaluation.Batch;

    private static void Save(SampleSheet shown, torch.Tensor samples, ModelSampler sampler, RunEvaluationWatch watch)
    {
        using var images = samples.narrow(0, 0, shown.Shown);
        var file = new SheetFile(watch.Sheet, sampler.Provenance().ToSequence()) { Request = sampler.Request.ToJson() };
        try
        {
            file.Save(shown.Compose(images));
        }
        catch (OutputException trouble)
        {
            watch.Trouble(trouble.Message);
        }
    }

    // The first step comes after what is done once; some later ones are timed.
    private sealed class Trial(torch.Device device, CancellationTokenSource enough) : IProgress<SamplingProgress>
    {
        private const int Reports = 3;
        private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private (TimeSpan At, long Calls) _from;
        private int _reports;

        public TimeSpan? PerCall { get; private set; }

        public void Report(SamplingProgress value)
        {
            if (device.type == DeviceType.CUDA)
                torch.cuda.synchronize();
            PerCall = (_clock.Elapsed - _from.At) / Max(1, value.NetworkCalls - _from.Calls);
            if (_reports++ == 0)
                _from = (_clock.Elapsed, value.NetworkCalls);
            if (_reports >= Reports || _clock.Elapsed > Longest)
                enough.Cancel();
        }
    }

    private sealed class NetworkCallProgress(Action<long> advanced) : IProgress<SamplingProgress>
    {
        public void Report(SamplingProgress value) => advanced(value.NetworkCalls);
    }
}
