using System.Runtime.CompilerServices;
using System.Text;

namespace Diffusion.Specs.Reference;

/// <summary>The deterministic numbers that the reference files are made of: splitmix64 seeded by the FNV-1a hash of a key.</summary>
public static class Formula
{
    /// <summary>FNV-1a, 64 bits, of the UTF-8 bytes of <paramref name="key"/>.</summary>
    public static ulong Hash(string key) =>
        Encoding.UTF8.GetBytes(key).Aggregate(0xcbf29ce484222325UL, (hash, value) => (hash ^ value) * 0x100000001b3UL);

    /// <summary>Output number <paramref name="index"/> (from 0) of splitmix64 seeded by <paramref name="key"/>.</summary>
    public static ulong Bits(string key, long index) => Bits(Hash(key), index);

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public static double Unit01(string key, long index) => (Bits(key, index) >> 11) * (1.0 / (1L << 53));

    /// <summary>The first <paramref name="count"/> numbers uniform in [0, 1).</summary>
    public static double[] Unit01s(string key, int count)
    {
        var (seed, numbers) = (Hash(key), new double[count]);
        for (var index = 0; index < count; index++)
            numbers[index] = (Bits(seed, index) >> 11) * (1.0 / (1L << 53));
        return numbers;
    }

    /// <summary>The first <paramref name="count"/> numbers uniform in [-1, 1).</summary>
    public static double[] Symmetric(string key, int count)
    {
        var numbers = Unit01s(key, count);
        foreach (ref var number in numbers.AsSpan())
            number = 2 * number - 1;
        return numbers;
    }

    /// <summary>The first <paramref name="count"/> numbers uniform with mean 0 and variance 1.</summary>
    public static double[] UnitVariance(string key, int count) => [.. Symmetric(key, count).Select(u => Sqrt(3) * u)];

    // A network takes tens of millions.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong Bits(ulong seed, long index)
    {
        var state = unchecked(seed + (ulong)(index + 1) * 0x9E3779B97F4A7C15UL);
        state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9UL;
        state = (state ^ state >> 27) * 0x94D049BB133111EBUL;
        return state ^ state >> 31;
    }
}
