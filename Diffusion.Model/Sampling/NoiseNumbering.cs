using Diffusion.Math.Plans;
using Diffusion.Math.Rewriting;
using Diffusion.Math.Values;
using static TorchSharp.torch;

namespace Diffusion.Model.Sampling;

/// <summary>Which noise a sample is made of, by its number. A closed union.</summary>
public abstract record NoiseNumbering
{
    private NoiseNumbering()
    {
    }

    /// <summary>The noise of a batch.</summary>
    internal abstract INoiseSource<Tensor> Source(NoisyBatch batch);

    /// <summary>Sample number k has noise number k.</summary>
    public sealed record Own : NoiseNumbering
    {
        internal override INoiseSource<Tensor> Source(NoisyBatch batch) =>
            new SampleNoise(batch.Run, batch.First, batch.Shape, batch.Device);
    }

    /// <summary>
    /// Each pair of samples gets as many samples in turn as there are points, on the arc from the noise of the first to that of the second.
    /// </summary>
    /// <remarks>
    /// All draws of a run are mixed alike, so that random samplers go from one image to the other too. The ends are the samples of the pair
    /// themselves.
    /// </remarks>
    /// <param name="Pairs">At least one pair of samples, by their numbers.</param>
    /// <param name="Points">The arc; at least one point.</param>
    public sealed record Between(Sequence<SamplePair> Pairs, Sequence<Slerp> Points) : NoiseNumbering
    {
        /// <summary>At least one pair of samples, by their numbers.</summary>
        public Sequence<SamplePair> Pairs { get; init => field = Require.NonEmpty(value, nameof(Pairs)); } = Require.NonEmpty(Pairs);

        /// <summary>The arc; at least one point.</summary>
        public Sequence<Slerp> Points { get; init => field = Require.NonEmpty(value, nameof(Points)); } = Require.NonEmpty(Points);

        /// <summary>How many samples there are.</summary>
        public int Count => Pairs.Count * Points.Count;

        internal override INoiseSource<Tensor> Source(NoisyBatch batch) => new ArcNoise(this, batch);
    }
}

/// <summary>Two samples, by their numbers.</summary>
/// <param name="First">Where the way begins; at least 0.</param>
/// <param name="Second">Where it ends; at least 0.</param>
public sealed record SamplePair(long First, long Second);

/// <summary>Consecutive samples that are computed together.</summary>
/// <param name="Run">The run's seed.</param>
/// <param name="First">Number of the first sample.</param>
/// <param name="Shape">[N, C, H, W].</param>
/// <param name="Device">Where the noise is wanted.</param>
internal sealed record NoisyBatch(Seed Run, long First, long[] Shape, Device Device);
