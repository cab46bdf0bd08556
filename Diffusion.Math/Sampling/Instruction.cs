using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Sampling;

/// <summary>One thing that a sampler does. A closed union: whoever can do these can run every sampler.</summary>
public abstract record Instruction
{
    private Instruction()
    {
    }

    /// <summary>The slot that is written.</summary>
    public abstract Slot Into { get; init; }

    /// <summary>The slots that are read.</summary>
    public abstract IEnumerable<Slot> Reads { get; }

    /// <summary>How often the network is asked.</summary>
    public virtual int NetworkCalls => 0;

    /// <summary>Into becomes standard normal noise.</summary>
    /// <param name="Into">The slot that is written.</param>
    /// <param name="Number">Which noise of the run: equal numbers are equal noise. The start is number 0.</param>
    public sealed record Draw(Slot Into, int Number) : Instruction
    {
        /// <inheritdoc/>
        public override Slot Into { get; init; } = Into;

        /// <summary>Which noise of the run; at least 0.</summary>
        public int Number { get; init => field = Require.AtLeast(value, 0, nameof(Number)); } = Require.AtLeast(Number, 0);

        /// <inheritdoc/>
        public override IEnumerable<Slot> Reads => [];
    }

    /// <summary>Into becomes the denoiser's estimate x̂_0 of the clean data.</summary>
    /// <param name="Into">The slot that is written.</param>
    /// <param name="From">The noisy state.</param>
    /// <param name="Level">When the network is asked and how noisy the state is.</param>
    public sealed record Denoise(Slot Into, Slot From, NoiseLevel Level) : Instruction
    {
        /// <inheritdoc/>
        public override Slot Into { get; init; } = Into;

        /// <inheritdoc/>
        public override IEnumerable<Slot> Reads => [From];

        /// <inheritdoc/>
        public override int NetworkCalls => 1;
    }

    /// <summary>Into becomes a linear combination of slots.</summary>
    /// <param name="Into">The slot that is written; it may be one of those read.</param>
    /// <param name="Terms">At least one summand.</param>
    public sealed record Combine(Slot Into, Sequence<Term> Terms) : Instruction
    {
        /// <inheritdoc/>
        public override Slot Into { get; init; } = Into;

        /// <summary>At least one summand.</summary>
        public Sequence<Term> Terms { get; init => field = Require.NonEmpty(value, nameof(Terms)); } = Require.NonEmpty(Terms);

        /// <inheritdoc/>
        public override IEnumerable<Slot> Reads => Terms.Select(term => term.Slot);
    }

    /// <summary>Into becomes From, every number limited to [−Bound, Bound].</summary>
    /// <param name="Into">The slot that is written.</param>
    /// <param name="From">The slot that is limited.</param>
    /// <param name="Bound">Above 0; 1 for images in [−1, 1].</param>
    public sealed record Clip(Slot Into, Slot From, double Bound) : Instruction
    {
        /// <inheritdoc/>
        public override Slot Into { get; init; } = Into;

        /// <summary>Above 0; 1 for images in [−1, 1].</summary>
        public double Bound { get; init => field = Require.Positive(value, nameof(Bound)); } = Require.Positive(Bound);

        /// <inheritdoc/>
        public override IEnumerable<Slot> Reads => [From];
    }
}
