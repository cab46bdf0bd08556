using Diffusion.Math.Numerics;

namespace Diffusion.Math.Evaluation;

/// <summary>Which part of an Inception Score each image belongs to; the score quoted is the mean over the parts.</summary>
public abstract record ScoreParts
{
    private ScoreParts()
    {
    }

    /// <summary>For each of <paramref name="count"/> images the number of its part, from 0.</summary>
    public abstract int[] Assign(int count);

    /// <summary>
    /// The same rule where every part has an image; one part of all images where it would leave parts empty, which have no score.
    /// </summary>
    /// <param name="count">Number of images.</param>
    public abstract ScoreParts Fitting(int count);

    /// <summary>Consecutive parts of <paramref name="Size"/> images, the last one possibly smaller. The rule of guided-diffusion.</summary>
    /// <param name="Size">Images in a part.</param>
    public sealed record OfSize(int Size = 5000) : ScoreParts
    {
        /// <inheritdoc/>
        public override int[] Assign(int count) => [.. Enumerable.Range(0, count).Select(i => i / Size)];

        /// <inheritdoc/>
        public override ScoreParts Fitting(int count) => this;
    }

    /// <summary>So many parts of consecutive images, as nearly equal as can be.</summary>
    /// <param name="Count">Number of parts.</param>
    public sealed record Consecutive(int Count = 10) : ScoreParts
    {
        /// <inheritdoc/>
        public override int[] Assign(int count)
        {
            var parts = new int[count];
            for (var part = 0; part < Count; part++)
                Array.Fill(parts, part, Bound(part, count), Bound(part + 1, count) - Bound(part, count));
            return parts;
        }

        /// <inheritdoc/>
        public override ScoreParts Fitting(int count) => count < Count ? this with { Count = 1 } : this;

        private int Bound(int part, int count) => (int)((long)part * count / Count);
    }

    /// <summary>So many parts of the images in shuffled order. The rule of torch-fidelity, same seed, same parts.</summary>
    /// <param name="Count">Number of parts.</param>
    /// <param name="Seed">Seed of the NumPy RandomState that shuffles.</param>
    public sealed record Shuffled(int Count = 10, uint Seed = 2020) : ScoreParts
    {
        /// <inheritdoc/>
        public override int[] Assign(int count)
        {
            var consecutive = new Consecutive(Count).Assign(count);
            var parts = new int[count];
            foreach (var (place, image) in new MersenneTwister(Seed).Permutation(count).Index())
                parts[image] = consecutive[place];
            return parts;
        }

        /// <inheritdoc/>
        public override ScoreParts Fitting(int count) => count < Count ? this with { Count = 1 } : this;
    }
}
