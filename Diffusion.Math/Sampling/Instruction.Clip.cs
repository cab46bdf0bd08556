using Diffusion.Math.Values;

namespace Diffusion.Math.Sampling;

public abstract partial record Instruction
{
    /// <summary>Into becomes From, every number limited to [−Bound, Bound].</summary>
    /// <param name="Into">The slot that is written.</param>
    /// <param name="From">The slot that is limited.</param>
    /// <param name="Bound">Above 0; 1 for images in [−1, 1].</param>
    public sealed record Clip(Slot Into, Slot From, double Bound) : Instruction
    {
        /// <inheritdoc/>
        public override Sequence<Slot> Writes => [Into];

        /// <summary>Above 0; 1 for images in [−1, 1].</summary>
        public double Bound { get; init => field = Require.Positive(value, nameof(Bound)); } = Require.Positive(Bound);

        /// <inheritdoc/>
        public override Sequence<Slot> Reads => [From];
    }
}
