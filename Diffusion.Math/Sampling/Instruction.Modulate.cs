using Diffusion.Math.Predictions;
using Diffusion.Math.Values;

namespace Diffusion.Math.Sampling;

public abstract partial record Instruction
{
    /// <summary>Into becomes From with every number multiplied by a factor that the network chose: noise of a learned variance.</summary>
    /// <param name="Into">The slot that is written.</param>
    /// <param name="From">The slot that is multiplied.</param>
    /// <param name="Fraction">The slot that says where between its bounds the logarithm of the factor lies.</param>
    /// <param name="Range">Those bounds.</param>
    public sealed record Modulate(Slot Into, Slot From, Slot Fraction, LogRange Range) : Instruction
    {
        /// <inheritdoc/>
        public override Sequence<Slot> Writes => [Into];

        /// <inheritdoc/>
        public override Sequence<Slot> Reads => [From, Fraction];
    }
}
