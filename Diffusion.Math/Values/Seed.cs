using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace Diffusion.Math.Values;

/// <summary>A counter-based source of randomness: number <c>i</c> of a seed is a pure function of the seed and <c>i</c>.</summary>
/// <remarks>
/// Nothing has to be stored to resume, and nothing depends on the order or the batching in which numbers are asked for. Streams are told
/// apart by <see cref="For(string)"/> and <see cref="For(long)"/>, for instance <c>seed.For("sample").For(17).For(draw)</c>.
/// The generator is splitmix64: Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators".
/// </remarks>
/// <param name="Value">Any 64 bits.</param>
public readonly record struct Seed(ulong Value)
{
    private const ulong Gamma = 0x9E3779B97F4A7C15UL;

    /// <summary>The seed of a named stream of this seed.</summary>
    public Seed For(string stream)
    {
        var hash = 0xcbf29ce484222325UL;
        foreach (var octet in Encoding.UTF8.GetBytes(stream))
            hash = (hash ^ octet) * 0x100000001b3UL;
        return new(Mix(Value ^ Mix(hash)));
    }

    /// <summary>The seed of a numbered stream of this seed.</summary>
    public Seed For(long stream) => new(Mix(Mix(Value + Gamma) ^ Mix((ulong)stream * Gamma + 1)));

    /// <summary>64 uniform bits, number <paramref name="index"/>.</summary>
    public ulong Bits(long index) => Mix(unchecked(Value + (ulong)(index + 1) * Gamma));

    /// <summary>Bits number 0, 1, 2, … of this seed, several at a time.</summary>
    public void Fill(Span<ulong> target)
    {
        var blocks = MemoryMarshal.Cast<ulong, Vector512<ulong>>(target);
        var (counters, stride) = (
            (Vector512<ulong>.Indices + Vector512<ulong>.One) * Gamma + Vector512.Create(Value), Vector512.Create(unchecked(8 * Gamma)));
        foreach (ref var block in blocks)
        {
            block = Mix(counters);
            counters += stride;
        }
        for (var index = blocks.Length * Vector512<ulong>.Count; index < target.Length; index++)
            target[index] = Bits(index);
    }

    /// <summary>A number uniform in [0, 1), with 53 random bits.</summary>
    public double Uniform(long index) => (Bits(index) >> 11) * (1.0 / (1L << 53));

    /// <summary>Uniform numbers 0 to <paramref name="count"/> − 1.</summary>
    public double[] Uniforms(long count)
    {
        var uniforms = new double[count];
        for (var index = 0; index < count; index++)
            uniforms[index] = Uniform(index);
        return uniforms;
    }

    /// <summary>A standard normal number, by the transform of Box and Muller 1958 on two uniform ones.</summary>
    public double Normal(long index) =>
        Sqrt(-2 * Log(1 - Uniform(2 * index))) * Cos(Tau * Uniform(2 * index + 1));

    /// <summary>A uniformly drawn order of 0, …, count − 1 (Fisher and Yates).</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    public int[] Permutation(int count)
    {
        int[] order = [.. Enumerable.Range(0, Require.AtLeast(count, 0))];
        for (var last = count - 1; last > 0; last--)
        {
            // The product's high half is uniform in [0, last] but for a bias below last / 2^64.
            var pick = (int)BigMul(Bits(last), (ulong)last + 1, out _);
            (order[last], order[pick]) = (order[pick], order[last]);
        }
        return order;
    }

    private static ulong Mix(ulong bits)
    {
        bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9UL;
        bits = (bits ^ bits >> 27) * 0x94D049BB133111EBUL;
        return bits ^ bits >> 31;
    }

    private static Vector512<ulong> Mix(Vector512<ulong> bits)
    {
        bits = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9UL;
        bits = (bits ^ bits >>> 27) * 0x94D049BB133111EBUL;
        return bits ^ bits >>> 31;
    }
}
