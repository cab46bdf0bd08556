using Diffusion.Math.Values;

namespace Diffusion.Math.Sampling;

public abstract partial record Instruction
{
    /// <summary>Into becomes From after dynamic thresholding of every sample by itself.</summary>
    /// <param name="Into">The slot that is written.</param>
    /// <param name="From">The slot that is limited.</param>
    /// <param name="Quantile">The threshold.</param>
    public sealed record Threshold(Slot Into, Slot From, Quantile Quantile) : Instruction
    {
        /// <inheritdoc/>
        public override Sequence<Slot> Writes => [Into];

        /// <inheritdoc/>
        public override Sequence<Slot> Reads => [From];
    }
}
