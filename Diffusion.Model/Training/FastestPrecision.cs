using System.Diagnostics;
using Diffusion.Math.Values;
using Diffusion.Model.Data;
using Diffusion.Model.Networks;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>Which arithmetic trains a recipe's network fastest on this machine, found by trying.</summary>
/// <remarks>bfloat16 is faster where the processor multiplies it (AVX512-BF16, AMX, CUDA since 2020) and slower elsewhere.</remarks>
public static class FastestPrecision
{
    // What bfloat16 has to save to be worth its three digits.
    private const double Worthwhile = 0.85;
    private const int MostRounds = 6;
    private const int MostImages = 32;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(3);

    /// <summary>Passes a batch through the network and back in each arithmetic, for some seconds on a CPU.</summary>
    /// <param name="shape">The network.</param>
    /// <param name="image">The shape of one image.</param>
    /// <param name="batch">Images of a batch.</param>
    /// <param name="device">Where it will be trained.</param>
    public static Precision Of(UNetShape shape, ImageShape image, int batch, Device device)
    {
        if (!Autocast.IsAvailable)
            return Precision.Float32;
        using var scope = NewDisposeScope();
        using var network = new UNet(shape, new Seed(0));
        network.to(device);
        var count = Min(batch, MostImages);
        var state = randn([count, image.Channels, image.Height, image.Width], device: device);
        var labels = shape.Labels is null ? null : zeros(count, int64, device);
        // In turns, and the best of each: another program's load then falls on both.
        var (single, half) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        var clock = Stopwatch.StartNew();
        for (var round = 0; round < MostRounds && (round < 2 || clock.Elapsed < Enough); round++)
        {
            single = Shorter(single, Time(network, state, labels, null));
            half = Shorter(half, Time(network, state, labels, ScalarType.BFloat16));
        }
        return half < Worthwhile * single ? Precision.Bfloat16 : Precision.Float32;
    }

    private static TimeSpan Time(UNet network, Tensor state, Tensor? labels, ScalarType? shorter)
    {
        using var scope = NewDisposeScope();
        var clock = Stopwatch.StartNew();
        Tensor output;
        using (shorter is { } type ? Autocast.To(state.device_type, type) : null)
            output = network.call(state, zeros(1, device: state.device), labels);
        var loss = output.square().mean();
        loss.backward();
        // Waits for the device.
        network.parameters().First().grad!.sum().item<float>();
        return clock.Elapsed;
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
