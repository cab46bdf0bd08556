using Diffusion.Math.Values;

namespace Diffusion.Math.Sampling;

public abstract partial record Instruction
{
    /// <summary>Into becomes Known where the picture that is edited is to stay, and Made elsewhere.</summary>
    /// <param name="Into">The slot that is written; it may be one of those read.</param>
    /// <param name="Known">The slot that holds the picture, as noisy as the state.</param>
    /// <param name="Made">The slot that holds the state.</param>
    public sealed record Restore(Slot Into, Slot Known, Slot Made) : Instruction
    {
        /// <inheritdoc/>
        public override Sequence<Slot> Writes => [Into];

        /// <inheritdoc/>
        public override Sequence<Slot> Reads => [Known, Made];
    }
}
