using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Host.Benchmarks;

/// <summary>
/// The ways in which layers of the paper network can be computed, forward and backward, each with its time on this device.
/// </summary>
internal static class KernelTable
{
    private const int Channels = 256;
    private const int Side = 16;
    private const int Rounds = 6;

    /// <summary>A line for every kernel and memory layout, and one that says how far the chosen attention is from the fastest.</summary>
    public static IEnumerable<BenchmarkLine> Measure(Device device, IEnumerable<Precision> precisions)
    {
        foreach (var precision in precisions)
        {
            var (name, type) = precision == Precision.Bfloat16 ? ("bfloat16", ScalarType.BFloat16) : ("float32", ScalarType.Float32);
            using var scope = NewDisposeScope();
            var batch = device.type == DeviceType.CUDA ? 128 : 8;
            var queries = randn([batch, 1, Side * Side, Channels], type, device).requires_grad_();
            var attention = Fastest(device,
                () => new AttentionKernel.Products().Attend(queries, queries, queries),
                () => new AttentionKernel.Fused().Attend(queries, queries, queries));
            yield return new($"attention by products, {name}", 1e3 * attention[0], "ms");
            yield return new($"attention fused, {name}", 1e3 * attention[1], "ms");
            var chosen = AttentionKernel.Best(queries) is AttentionKernel.Products ? attention[0] : attention[1];
            yield return new($"attention chosen over the faster, {name}", chosen / attention.Min(), "");
            var layout = Fastest(
                device, Block(batch, type, device, planes => planes), Block(batch, type, device, MemoryLayouts.WithChannelsLast));
            yield return new($"norm and convolution, channels first, {name}", 1e3 * layout[0], "ms");
            yield return new($"norm and convolution, channels last, {name}", 1e3 * layout[1], "ms");
        }
    }

    // Group normalisation in float32 and a 3×3 convolution, as in a residual block.
    private static Func<Tensor> Block(int batch, ScalarType type, Device device, Func<Tensor, Tensor> arrange)
    {
        var state = arrange(randn([batch, Channels, Side, Side], type, device)).requires_grad_();
        var weight = arrange(randn([Channels, Channels, 3, 3], type, device)).requires_grad_();
        return () => functional.conv2d(functional.silu(functional.group_norm(state, 32)), weight, padding: [1, 1]);
    }

    // In turns.
    private static double[] Fastest(Device device, params Func<Tensor>[] ways)
    {
        double[] seconds = [.. ways.Select(_ => double.PositiveInfinity)];
        for (var round = 0; round < Rounds; round++)
            foreach (var (way, compute) in ways.Index())
            {
                using var scope = NewDisposeScope();
                TrainTrial.Wait(device);
                var start = System.Diagnostics.Stopwatch.GetTimestamp();
                compute().sum().backward();
                TrainTrial.Wait(device);
                seconds[way] = Min(seconds[way], System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        return seconds;
    }
}
