using Diffusion.Math.Plans;
using Diffusion.Math.Values;

namespace Diffusion.Math.Samplers;

/// <summary>What is done to an estimate x̂_0 that leaves the range of the data. A closed union.</summary>
public abstract record Clipping
{
    private Clipping()
    {
    }

    /// <summary>The slot that holds the estimate to use, where the network's own is in <see cref="Slot.Denoised"/>.</summary>
    internal virtual Slot Result => Slot.Limited;

    /// <summary>Asks the network and limits its answer.</summary>
    /// <param name="into">Where the limited estimate goes.</param>
    /// <param name="ask">The instruction that puts the network's own estimate into a slot.</param>
    public abstract Sequence<Instruction> Estimate(Slot into, Func<Slot, Instruction> ask);

    /// <summary>The estimate is used as it is.</summary>
    public sealed record None : Clipping
    {
        internal override Slot Result => Slot.Denoised;

        /// <inheritdoc/>
        public override Sequence<Instruction> Estimate(Slot into, Func<Slot, Instruction> ask) => [ask(into)];
    }

    /// <summary>Every number is limited to [−Bound, Bound]. Ho et al. 2020 clip to [−1, 1] before the posterior mean.</summary>
    /// <param name="Bound">Above 0.</param>
    public sealed record Clip(double Bound = 1) : Clipping
    {
        /// <summary>Above 0.</summary>
        public double Bound { get; init => field = Require.Positive(value, nameof(Bound)); } = Require.Positive(Bound);

        /// <inheritdoc/>
        public override Sequence<Instruction> Estimate(Slot into, Func<Slot, Instruction> ask) =>
            [ask(Slot.Denoised), new Instruction.Clip(into, Slot.Denoised, Bound)];
    }

    /// <summary>Dynamic thresholding: numbers near the ends of the range are pushed inwards. Saharia et al. 2022, Section 2.3.</summary>
    /// <param name="Quantile">The threshold of each sample.</param>
    public sealed record Dynamic(Quantile Quantile) : Clipping
    {
        /// <inheritdoc/>
        public override Sequence<Instruction> Estimate(Slot into, Func<Slot, Instruction> ask) =>
            [ask(Slot.Denoised), new Instruction.Threshold(into, Slot.Denoised, Quantile)];
    }
}
