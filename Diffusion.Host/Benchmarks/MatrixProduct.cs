using System.Diagnostics;
using Diffusion.Model.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Host.Benchmarks;

/// <summary>The most that a machine can do: a product of two large square matrices.</summary>
internal static class MatrixProduct
{
    private const int UsualRuns = 5;

    /// <summary>10⁹ multiplications and additions a second.</summary>
    /// <param name="device">Where.</param>
    /// <param name="precision">The arithmetic.</param>
    /// <param name="runs">How often it is tried; the fastest counts.</param>
    public static double Pace(Device device, Precision precision, int runs = UsualRuns)
    {
        var side = device.type == DeviceType.CUDA ? 8192 : 2048;
        var type = precision == Precision.Bfloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        using var scope = NewDisposeScope();
        var (one, other, shortest) = (randn([side, side], type, device), randn([side, side], type, device), double.PositiveInfinity);
        // The first one does not count.
        for (var run = 0; run <= runs; run++)
        {
            var start = Stopwatch.GetTimestamp();
            using var product = one.matmul(other);
            TrainTrial.Wait(device);
            shortest = run == 0 ? shortest : Min(shortest, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return 2e-9 * side * side * side / shortest;
    }

    /// <summary>The same in float32 whose factors are shortened (TF32): what float32 forgoes by being float32.</summary>
    /// <param name="device">A GPU.</param>
    public static double ShortenedPace(Device device)
    {
        backends.cuda.matmul.allow_tf32 = true;
        try
        {
            return Pace(device, Precision.Float32);
        }
        finally
        {
            backends.cuda.matmul.allow_tf32 = false;
        }
    }
}
