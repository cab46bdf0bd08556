using Diffusion.Math.Values;

namespace Diffusion.Math.Sampling;

public abstract partial record Instruction
{
    /// <summary>Into becomes a linear combination of slots.</summary>
    /// <param name="Into">The slot that is written; it may be one of those read.</param>
    /// <param name="Terms">At least one summand.</param>
    public sealed record Combine(Slot Into, Sequence<Term> Terms) : Instruction
    {
        /// <inheritdoc/>
        public override Sequence<Slot> Writes => [Into];

        /// <summary>At least one summand.</summary>
        public Sequence<Term> Terms { get; init => field = Require.NonEmpty(value, nameof(Terms)); } = Require.NonEmpty(Terms);

        /// <inheritdoc/>
        public override Sequence<Slot> Reads => Sequence.Generate(Terms.Count, index => Terms[index].Slot);
    }
}
