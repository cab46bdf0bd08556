using Diffusion.Math.Plans;
using Diffusion.Math.Values;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Sampling;

/// <summary>The noise of consecutive samples: a function of the run's seed, the sample's number and the draw's number alone.</summary>
/// <remarks>So sample number 17 is the same image whatever the batch it is computed in, and whatever the device.</remarks>
/// <param name="run">The run's seed.</param>
/// <param name="first">Number of the first sample.</param>
/// <param name="shape">[N, C, H, W]: N consecutive samples.</param>
/// <param name="device">Where the noise is wanted.</param>
public sealed class SampleNoise(Seed run, long first, long[] shape, Device device) : INoiseSource<Tensor>
{
    /// <inheritdoc/>
    public Tensor Draw(int number)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(0, CPU);
        var noise = empty(shape, float32, CPU);
        for (var sample = 0L; sample < shape[0]; sample++)
            Fill(noise[sample], generator, run.For(first + sample).For(number));
        return noise.to(device).MoveToOuterDisposeScope();
    }

    /// <summary>Writes the noise of one sample.</summary>
    internal static void Fill(Tensor sample, Generator generator, Seed seed)
    {
        generator.manual_seed((long)(seed.Value >> 1));
        sample.normal_(0, 1, generator);
    }
}
