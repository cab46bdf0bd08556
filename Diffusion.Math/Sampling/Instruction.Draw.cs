using Diffusion.Math.Values;

namespace Diffusion.Math.Sampling;

public abstract partial record Instruction
{
    /// <summary>Into becomes standard normal noise.</summary>
    /// <param name="Into">The slot that is written.</param>
    /// <param name="Number">Which noise of the run: equal numbers are equal noise. The start is number 0.</param>
    public sealed record Draw(Slot Into, int Number) : Instruction
    {
        /// <inheritdoc/>
        public override Sequence<Slot> Writes => [Into];

        /// <summary>Which noise of the run; at least 0.</summary>
        public int Number { get; init => field = Require.AtLeast(value, 0, nameof(Number)); } = Require.AtLeast(Number, 0);

        /// <inheritdoc/>
        public override Sequence<Slot> Reads => [];
    }
}
