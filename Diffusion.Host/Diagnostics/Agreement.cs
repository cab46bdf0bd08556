using Diffusion.Math.Values;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Host.Diagnostics;

/// <summary>A result that a GPU and the CPU should both come to.</summary>
/// <param name="Name">What, for a person.</param>
/// <param name="Tolerance">How far the two may be apart, as a share of the largest number.</param>
/// <param name="Compute">Computes it on a device.</param>
internal sealed record Agreement(string Name, double Tolerance, Func<Device, Tensor> Compute)
{
    // Float32 sums in another order, as the specs allow it; and the 8 bits of bfloat16.
    private const double Rounding = 2e-5;
    private const double Shortened = 0.03;
    private const double Stirring = 0.1;

    /// <summary>What is computed on the CPU; null for the same on both.</summary>
    public Func<Device, Tensor>? Expected { get; init; }

    /// <summary>All there are.</summary>
    public static Sequence<Agreement> All { get; } =
    [
        new("U-Net", Rounding, device => Forward(device, MemoryLayout.ChannelsFirst, null)),
        new("U-Net with channels last", Rounding, device => Forward(device, MemoryLayout.ChannelsLast, null)),
        new("U-Net in bfloat16, beside float32", Shortened, device => Forward(device, MemoryLayout.ChannelsFirst, ScalarType.BFloat16))
        {
            Expected = device => Forward(device, MemoryLayout.ChannelsFirst, null),
        },
        new("gradients", Rounding, device => Learned(device, weights: false)),
        new("weights after a step of Adam", Rounding, device => Learned(device, weights: true)),
        new("guided samples", Rounding, Samples),
        new("features of digits (lenet)", Rounding, device => Features(FeatureExtractor.LeNet(device), 1, 28)),
        new("features of photographs (cifarnet)", Rounding, device => Features(FeatureExtractor.CifarNet(device), 3, 32)),
        new("Inception, resized as pytorch-fid", Rounding, device =>
            Features(FeatureExtractor.Untrained(new InceptionProtocol.PytorchFid(), device), 3, 32)),
    ];

    /// <summary>How far a device is from the CPU: the largest difference, as a share of the largest number.</summary>
    public double On(Device device)
    {
        using var scope = NewDisposeScope();
        using var expected = (Expected ?? Compute)(CPU);
        using var actual = Compute(device);
        return ((expected - actual.cpu()).abs().max() / expected.abs().max()).item<float>();
    }

    private static Tensor Forward(Device device, MemoryLayout layout, ScalarType? shorter)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        using var network = Network(device);
        network.Arrange(layout);
        using var cast = shorter is { } type ? Autocast.To(device.type, type) : null;
        return Answer(network, device).to(float32).MoveToOuterDisposeScope();
    }

    // The gradients of one batch, or the weights that they lead to.
    private static Tensor Learned(Device device, bool weights)
    {
        using var scope = NewDisposeScope();
        using var network = Network(device);
        using var arena = new ParameterArena(network);
        using var optimiser = new Optimiser(arena, ProbeModel.Recipe.Optimiser, ProbeModel.Recipe.Ema);
        Answer(network, device).Squared().mean().backward();
        if (weights)
            optimiser.Apply(1);
        return (weights ? arena.Values : arena.Gradients).cpu().clone().MoveToOuterDisposeScope();
    }

    private static Tensor Samples(Device device)
    {
        using var network = Network(device);
        var (recipe, image) = (ProbeModel.Recipe, ProbeModel.Image);
        return new SamplingRun(recipe.Evaluation.Sampler.Plan(recipe.Schedule, recipe.Evaluation.Spacing), recipe.Prediction, new Seed(1))
        {
            Guidance = recipe.Evaluation.Guidance,
        }.Draw(network, [image.Channels, image.Height, image.Width], 2, sample => sample).cpu();
    }

    private static Tensor Features(FeatureExtractor extractor, int channels, int side)
    {
        using var scope = NewDisposeScope();
        using (extractor)
        {
            var pixels = Number.Range(0, 2 * channels * side * side, int64, CPU).view(2, channels, side, side);
            using var features = extractor.Extract(pixels.remainder(Number.Of(251)).to(uint8));
            return features.Values.cpu().clone().MoveToOuterDisposeScope();
        }
    }

    private static Tensor Answer(UNet network, Device device)
    {
        var image = ProbeModel.Image;
        var state = Number.Range(0, 2 * image.Channels * image.Height * image.Width, float32, CPU).sin()
            .view(2, image.Channels, image.Height, image.Width);
        return network.call(state.to(device), tensor(new[] { 10f, 900f }).to(device), tensor(new long[] { 0, 1 }, device: device));
    }

    // Without dropout, and with layers that begin at zero made to count.
    private static UNet Network(Device device)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        var network = new UNet(ProbeModel.Network, new Seed(1));
        foreach (var parameter in network.parameters())
            parameter.add_(Number.Range(0, parameter.numel(), float32, CPU).cos().view(parameter.shape), alpha: Number.Of(Stirring));
        network.to(device);
        network.eval();
        return network;
    }
}
