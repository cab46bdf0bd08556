using Diffusion.Math.Values;

namespace Diffusion.Math.Sampling;

/// <summary>What is done to an estimate x̂_0 that leaves the range of the data. A closed union.</summary>
public abstract record Limit
{
    private Limit()
    {
    }

    /// <summary>The instructions that put the limited estimate into <see cref="Slot.Limited"/>.</summary>
    public abstract Sequence<Instruction> Instructions { get; }

    /// <summary>The slot that holds the estimate to use.</summary>
    public virtual Slot Result => Slot.Limited;

    /// <summary>The estimate is used as it is.</summary>
    public sealed record None : Limit
    {
        /// <inheritdoc/>
        public override Sequence<Instruction> Instructions => [];

        /// <inheritdoc/>
        public override Slot Result => Slot.Denoised;
    }

    /// <summary>Every number is limited to [−Bound, Bound]. Ho et al. 2020 clip to [−1, 1] before the posterior mean.</summary>
    /// <param name="Bound">Above 0.</param>
    public sealed record Clip(double Bound = 1) : Limit
    {
        /// <summary>Above 0.</summary>
        public double Bound { get; init => field = Require.Positive(value, nameof(Bound)); } = Require.Positive(Bound);

        /// <inheritdoc/>
        public override Sequence<Instruction> Instructions => [new Instruction.Clip(Slot.Limited, Slot.Denoised, Bound)];
    }

    /// <summary>Dynamic thresholding: pixels near the ends of the range are pushed inwards. Saharia et al. 2022, Section 2.3.</summary>
    /// <param name="Quantile">The threshold of each sample.</param>
    public sealed record Dynamic(Quantile Quantile) : Limit
    {
        /// <inheritdoc/>
        public override Sequence<Instruction> Instructions => [new Instruction.Threshold(Slot.Limited, Slot.Denoised, Quantile)];
    }
}
