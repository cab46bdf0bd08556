using Diffusion.Math.Values;

namespace Diffusion.Math.Plans;

/// <summary>A linear combination of slots, so that a sampler's step can be written down as its paper does.</summary>
/// <remarks>Each slot appears once and no weight is zero: (x − y) + y is x.</remarks>
public sealed record Combination
{
    private Combination(Sequence<Term> terms) => Terms = terms;

    /// <summary>Nothing.</summary>
    public static Combination Zero { get; } = new([]);

    /// <summary>The summands, in the order in which their slots were first named.</summary>
    public Sequence<Term> Terms { get; }

    /// <summary>The sum of the given terms.</summary>
    public static Combination Of(Sequence<Term> terms) =>
        terms.Aggregate(Zero, (sum, term) => sum + term.Weight * (Combination)term.Slot);

    /// <summary>The slot itself.</summary>
    public static implicit operator Combination(Slot slot) => new([new(1, slot)]);

    /// <summary>The sum of two combinations.</summary>
    public static Combination operator +(Combination left, Combination right) => Sum(left, 1, right);

    /// <summary>The difference of two combinations.</summary>
    public static Combination operator -(Combination left, Combination right) => Sum(left, -1, right);

    /// <summary>Every weight multiplied.</summary>
    public static Combination operator *(double factor, Combination combination) => Sum(Zero, factor, combination);

    /// <summary>Every weight divided.</summary>
    public static Combination operator /(Combination combination, double divisor) => Sum(Zero, 1 / divisor, combination);

    /// <summary>The instruction that writes this combination.</summary>
    /// <exception cref="ArgumentException">The combination is zero.</exception>
    public Instruction Into(Slot slot) => new Instruction.Combine(slot, Terms);

    // left + factor·right, without what cancels.
    private static Combination Sum(Combination left, double factor, Combination right)
    {
        var terms = new Term[left.Terms.Count + right.Terms.Count];
        var count = 0;
        foreach (var term in left.Terms)
            terms[count++] = term;
        foreach (var term in right.Terms)
        {
            var place = PlaceOf(term.Slot, terms.AsSpan(0, left.Terms.Count));
            if (place < 0)
                terms[count++] = term with { Weight = factor * term.Weight };
            else
                terms[place] = term with { Weight = terms[place].Weight + factor * term.Weight };
        }
        var kept = 0;
        for (var index = 0; index < count; index++)
        {
            if (terms[index].Weight != 0)
                terms[kept++] = terms[index];
        }
        return new(Sequence.Create<Term>(terms.AsSpan(0, kept)));
    }

    private static int PlaceOf(Slot slot, ReadOnlySpan<Term> terms)
    {
        for (var index = 0; index < terms.Length; index++)
        {
            if (terms[index].Slot == slot)
                return index;
        }
        return -1;
    }
}
