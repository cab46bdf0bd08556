using Diffusion.Math.Likelihood;
using Diffusion.Math.Numerics;
using Diffusion.Math.Predictions;
using Diffusion.Math.Schedules;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Host.Diagnostics;

/// <summary>All that the program does with libtorch, piece by piece, the simplest first.</summary>
internal static class Probes
{
    /// <summary>Every piece.</summary>
    public static Sequence<Probe> All { get; } =
    [
        new("tensors and arithmetic", Arithmetic),
        new("random numbers from a seed", Randomness),
        new("attention by matrix products", device => Attend(new AttentionKernel.Products(), device)),
        new("attention fused", device => Attend(new AttentionKernel.Fused(), device)),
        new("U-Net", device => Finite(Forward(device, null))),
        new("U-Net with channels last", device => Finite(Forward(device, null, MemoryLayout.ChannelsLast))),
        new("U-Net in bfloat16 (autocast)", device => Finite(Forward(device, ScalarType.BFloat16))),
        new("Adam, composed", device => Adam(new AdamKernel.Composed(), device)),
        new("Adam, fused", device =>
            Adam(AdamKernel.Best is AdamKernel.Fused fused ? fused : throw new NotSupportedException(NoFused), device)),
        new("training in float32", device => Train(ProbeModel.Recipe, device)),
        new("training in bfloat16", device => Train(ProbeModel.Recipe with { Precision = Precision.Bfloat16 }, device)),
        new("training in bfloat16 with channels last", device => Train(ProbeModel.ChannelsLast, device)),
        new("the bound of a learned variance", Bound),
        new("checkpoint and resume", Resume),
        new("guided sampling by a plan", Sample),
        new("gradient of a noisy classifier", Steer),
        new("features of digits (lenet)", device => Features(FeatureExtractor.LeNet(device), 1, 28)),
        new("features of photographs (cifarnet)", device => Features(FeatureExtractor.CifarNet(device), 3, 32)),
        new("Inception, resized as pytorch-fid", device =>
            Features(FeatureExtractor.Untrained(new InceptionProtocol.PytorchFid(), device), 3, 32)),
        new("Inception, resized as torch-fidelity", device =>
            Features(FeatureExtractor.Untrained(new InceptionProtocol.TorchFidelity(), device), 3, 32)),
        new("Fréchet distance (Cholesky, eigenvalues)", _ => Distance()),
    ];

    private const string NoFused = "this libtorch has no fused Adam; the composed one is used";

    private static void Arithmetic(Device device)
    {
        using var scope = NewDisposeScope();
        var whole = Number.Range(0, 12, float32, device).view(3, 4);
        var picked = cat([whole, whole]).index_select(0, tensor(new long[] { 5, 0 }, device: device));
        var chosen = where(picked > Number.Of(3), picked.Squared(), picked.lerp(picked, 0.5));
        Finite(chosen.clamp(Number.Of(-1), Number.One).sum());
    }

    private static void Randomness(Device device)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(3);
        var first = randn(4, device: device);
        random.manual_seed(3);
        var second = randn(4, device: device);
        if (!first.equal(second).all().item<bool>())
            throw new InvalidOperationException("the same seed gave other numbers");
    }

    private static void Attend(AttentionKernel kernel, Device device)
    {
        using var scope = NewDisposeScope();
        var queries = randn([2, 1, 16, 8], device: device, requires_grad: true);
        kernel.Attend(queries, queries, queries).sum().backward();
        Finite(queries.grad!);
    }

    private static Tensor Forward(Device device, ScalarType? shorter, MemoryLayout layout = MemoryLayout.ChannelsFirst)
    {
        using var network = new UNet(ProbeModel.Network, new Seed(1));
        network.to(device);
        network.Arrange(layout);
        using var cast = shorter is { } type ? Autocast.To(device.type, type) : null;
        return network.call(Noise(device), zeros(1, device: device), tensor(new long[] { 0, 1 }, device: device));
    }

    private static void Adam(AdamKernel kernel, Device device)
    {
        using var network = new UNet(ProbeModel.Network, new Seed(1));
        network.to(device);
        using var arena = new ParameterArena(network);
        using var optimiser = new Optimiser(arena, ProbeModel.Recipe.Optimiser, ProbeModel.Recipe.Ema, kernel);
        arena.Gradients.fill_(Number.One);
        optimiser.Apply(1);
        Finite(arena.Values);
    }

    private static TrainingRun Trained(Recipe recipe, Device device)
    {
        var run = new TrainingRun(recipe, ProbeModel.Images(), device);
        run.Advance();
        return run;
    }

    private static void Train(Recipe recipe, Device device)
    {
        if (recipe.Precision == Precision.Bfloat16 && !Autocast.IsAvailable)
            throw new NotSupportedException("this libtorch offers no autocast; float32 is used");
        using var run = Trained(recipe, device);
        if (run.Look() is not { Skipped: 0 })
            throw new InvalidOperationException("the gradients are no numbers");
        Finite(run.Arena.Values);
    }

    private static void Bound(Device device)
    {
        using var scope = NewDisposeScope();
        var bound = new VariationalBound(new NoiseSchedule.Cosine(10), new Variance.LearnedRange(), new PixelLikelihood.Exact());
        var noise = Noise(device).requires_grad_();
        BoundTerms.Of([bound.StepAt(0), bound.StepAt(5)], bound.Decoder, noise).Nats(noise, noise.detach(), noise).sum().backward();
        Finite(noise.grad!);
    }

    private static void Resume(Device device)
    {
        var folder = Directory.CreateTempSubdirectory("diffusion-probe-").FullName;
        try
        {
            using var run = Trained(ProbeModel.Recipe, device);
            var path = new CheckpointStore(folder).Save(run);
            using var again = new TrainingRun(run.Recipe, ProbeModel.Images(), device);
            Checkpoint.Restore(again, path);
            if (!again.Arena.Values.equal(run.Arena.Values).all().item<bool>())
                throw new InvalidOperationException("the weights came back changed");
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private static void Sample(Device device)
    {
        var recipe = ProbeModel.Recipe;
        using var network = new UNet(recipe.Network, new Seed(1));
        network.to(device);
        network.eval();
        var sampling = new SamplingRun(
            recipe.Evaluation.Sampler.Plan(recipe.Schedule, recipe.Evaluation.Spacing), recipe.Prediction, new Seed(1))
        {
            Guidance = recipe.Evaluation.Guidance,
        };
        var image = ProbeModel.Image;
        Finite(sampling.Draw(network, [image.Channels, image.Height, image.Width], 2, sample => sample));
    }

    private static void Steer(Device device)
    {
        using var classifier = new NoisyClassifier(
            new(ProbeModel.Network with { Labels = null }, 2, ClassifierPooling.Attention), new Seed(1));
        classifier.to(device);
        Finite(classifier.Gradient(Noise(device), zeros(1, device: device), tensor(new long[] { 0, 1 }, device: device)));
    }

    private static void Features(FeatureExtractor extractor, int channels, int side)
    {
        using (extractor)
        using (var images = full([2, channels, side, side], Number.Of(100), uint8))
        using (var features = extractor.Extract(images))
            Finite(features.Values);
    }

    // Full rank, and rank 1: the ordinary way and the fallback.
    private static void Distance()
    {
        var full = SymmetricMatrix.Of(2, [2, 1, 1, 2]);
        foreach (var other in new[] { full, SymmetricMatrix.Of(2, [1, 1, 1, 1]) })
            if (!double.IsFinite(Spectrum.RootTrace(other, full).Value))
                throw new InvalidOperationException("the trace is no number");
    }

    private static Tensor Noise(Device device) =>
        randn([2, ProbeModel.Image.Channels, ProbeModel.Image.Height, ProbeModel.Image.Width], device: device);

    private static void Finite(Tensor result)
    {
        using var scope = NewDisposeScope();
        if (!result.isfinite().all().item<bool>())
            throw new InvalidOperationException("the result is no number");
    }
}
