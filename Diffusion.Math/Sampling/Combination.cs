using Diffusion.Math.Values;

namespace Diffusion.Math.Sampling;

/// <summary>A linear combination of slots, so that a sampler's step can be written down as its paper does.</summary>
/// <remarks>Each slot appears once and no weight is zero: (x − y) + y is x.</remarks>
public sealed record Combination
{
    private Combination(Sequence<Term> terms) => Terms = terms;

    /// <summary>Nothing.</summary>
    public static Combination Zero { get; } = new([]);

    /// <summary>The summands, in the order in which their slots were first named.</summary>
    public Sequence<Term> Terms { get; }

    /// <summary>The slot itself.</summary>
    public static implicit operator Combination(Slot slot) => new([new(1, slot)]);

    /// <summary>The sum of two combinations.</summary>
    public static Combination operator +(Combination left, Combination right)
    {
        var terms = new List<Term>(left.Terms.Count + right.Terms.Count);
        foreach (var term in left.Terms)
            terms.Add(term);
        foreach (var term in right.Terms)
            Add(terms, term);
        terms.RemoveAll(term => term.Weight == 0);
        return new(terms.ToSequence());
    }

    /// <summary>The difference of two combinations.</summary>
    public static Combination operator -(Combination left, Combination right) => left + -1 * right;

    /// <summary>Every weight multiplied.</summary>
    public static Combination operator *(double factor, Combination combination) =>
        factor == 0 ? Zero : new(Sequence.Generate(combination.Terms.Count, index => combination.Terms[index] with
        {
            Weight = factor * combination.Terms[index].Weight,
        }));

    /// <summary>Every weight divided.</summary>
    public static Combination operator /(Combination combination, double divisor) => 1 / divisor * combination;

    /// <summary>The instruction that writes this combination.</summary>
    /// <exception cref="ArgumentException">The combination is zero.</exception>
    public Instruction Into(Slot slot) => new Instruction.Combine(slot, Terms);

    private static void Add(List<Term> terms, Term term)
    {
        for (var index = 0; index < terms.Count; index++)
        {
            if (terms[index].Slot == term.Slot)
            {
                terms[index] = terms[index] with { Weight = terms[index].Weight + term.Weight };
                return;
            }
        }
        terms.Add(term);
    }
}
