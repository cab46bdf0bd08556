using Diffusion.Math.Plans;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Sampling;

/// <summary>The noise of samples that lie between others.</summary>
/// <param name="between">Which samples, and where between them.</param>
/// <param name="batch">The samples that are computed together.</param>
internal sealed class ArcNoise(NoiseNumbering.Between between, NoisyBatch batch) : INoiseSource<Tensor>
{
    /// <inheritdoc/>
    public Tensor Draw(int number)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(0, CPU);
        var noise = empty(batch.Shape, float32, CPU);
        var (start, end) = (empty_like(noise[0]), empty_like(noise[0]));
        for (var sample = 0L; sample < batch.Shape[0]; sample++)
        {
            var (pair, point) = DivRem(batch.First + sample, between.Points.Count);
            var ((first, second), arc) = (between.Pairs[(int)pair], between.Points[(int)point]);
            SampleNoise.Fill(start, generator, batch.Run.For(first).For(number));
            SampleNoise.Fill(end, generator, batch.Run.For(second).For(number));
            noise[sample].copy_(start.mul_(arc.OfFirst).add_(end, alpha: arc.OfSecond));
        }
        return noise.to(batch.Device).MoveToOuterDisposeScope();
    }
}
