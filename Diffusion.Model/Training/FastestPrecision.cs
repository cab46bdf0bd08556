using System.Diagnostics;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>Which arithmetic trains fastest on this machine, found by trying.</summary>
/// <remarks>bfloat16 is faster where the processor multiplies it (AVX512-BF16, AMX, CUDA since 2020) and slower elsewhere.</remarks>
public static class FastestPrecision
{
    // What bfloat16 has to save to be worth its three digits.
    private const double Worthwhile = 0.8;

    /// <summary>Times forward and backward passes of a convolution, for a fraction of a second.</summary>
    public static Precision On(Device device)
    {
        if (!Autocast.IsAvailable)
            return Precision.Float32;
        using var scope = NewDisposeScope();
        var state = randn(16, 64, 16, 16, device: device);
        var weight = randn(64, 64, 3, 3, device: device).requires_grad_();
        return Median(() => Pass(state, weight, Autocast.To(device.type, ScalarType.BFloat16))) < Worthwhile * Median(() => Pass(state, weight, null))
            ? Precision.BFloat16
            : Precision.Float32;
    }

    private static void Pass(Tensor state, Tensor weight, Autocast? arithmetic)
    {
        using var scope = NewDisposeScope();
        Tensor output;
        using (arithmetic)
            output = nn.functional.conv2d(state, weight, padding: [1, 1]);
        output.sum().backward();
        // Waits for the device.
        weight.grad!.sum().item<float>();
    }

    private static TimeSpan Median(Action pass)
    {
        pass();
        return Enumerable.Range(0, 5).Select(_ =>
        {
            var clock = Stopwatch.StartNew();
            pass();
            return clock.Elapsed;
        }).Order().ElementAt(2);
    }
}
