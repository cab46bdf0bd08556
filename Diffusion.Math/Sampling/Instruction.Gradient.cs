using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Sampling;

public abstract partial record Instruction
{
    /// <summary>Into becomes the gradient of a classifier's log-probability of the wanted label, ∇ log p(y | x_t).</summary>
    /// <param name="Into">The slot that is written.</param>
    /// <param name="From">The noisy state.</param>
    /// <param name="Level">When the classifier is asked and how noisy the state is.</param>
    public sealed record Gradient(Slot Into, Slot From, NoiseLevel Level) : Instruction
    {
        /// <inheritdoc/>
        public override Sequence<Slot> Writes => [Into];

        /// <inheritdoc/>
        public override Sequence<Slot> Reads => [From];

        /// <inheritdoc/>
        public override int ClassifierCalls => 1;
    }
}
