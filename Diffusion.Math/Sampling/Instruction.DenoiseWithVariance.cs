using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Sampling;

public abstract partial record Instruction
{
    /// <summary>Into becomes the estimate x̂_0, and Fraction the network's choice of variance, both from one call.</summary>
    /// <param name="Into">The slot that holds x̂_0.</param>
    /// <param name="Fraction">The slot that holds where between its bounds the log-variance lies.</param>
    /// <param name="From">The noisy state.</param>
    /// <param name="Level">When the network is asked and how noisy the state is.</param>
    public sealed record DenoiseWithVariance(Slot Into, Slot Fraction, Slot From, NoiseLevel Level) : Instruction
    {
        /// <inheritdoc/>
        public override Sequence<Slot> Writes => [Into, Fraction];

        /// <inheritdoc/>
        public override Sequence<Slot> Reads => [From];

        /// <inheritdoc/>
        public override int NetworkCalls => 1;
    }
}
