using Diffusion.Math.Values;

namespace Diffusion.Math.Sampling;

public abstract partial record Instruction
{
    /// <summary>Into becomes the picture that is edited, clean and whole.</summary>
    /// <param name="Into">The slot that is written.</param>
    public sealed record Recall(Slot Into) : Instruction
    {
        /// <inheritdoc/>
        public override Sequence<Slot> Writes => [Into];

        /// <inheritdoc/>
        public override Sequence<Slot> Reads => [];
    }
}
