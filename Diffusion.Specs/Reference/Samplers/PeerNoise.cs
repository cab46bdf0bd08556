using Diffusion.Math.Plans;

namespace Diffusion.Specs.Reference.Samplers;

/// <summary>The noise of samplers.json: number 0 is the start, number i + 1 that of step i.</summary>
public sealed record PeerNoise(int Size, int SampleSize, IReadOnlyList<double[]> Numbers) : INoiseSource<double[]>
{
    public static PeerNoise Of(ReferenceObject file)
    {
        var shape = file.Numbers("shape");
        var size = (int)shape.Aggregate((product, next) => product * next);
        return new(size, size / (int)shape[0], [file.Numbers("x_T"), .. file.Numbers("z").Chunk(size)]);
    }

    public double[] Draw(int number) => Numbers[number];
}
