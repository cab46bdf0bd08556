namespace Diffusion.Math.Numerics;

/// <summary>NumPy's RandomState as far as the peers' evaluation tools use it: the permutations it draws after being seeded once.</summary>
/// <remarks>
/// Matsumoto and Nishimura 1998, MT19937; the shuffle is Fisher and Yates' from the end, bounded by masking and rejecting.
/// </remarks>
internal sealed class MersenneTwister
{
    private const int Length = 624;
    private readonly uint[] _state = new uint[Length];
    private int _next = Length;

    internal MersenneTwister(uint seed)
    {
        for (var i = 0u; i < Length; i++)
        {
            _state[i] = seed;
            seed = 1812433253 * (seed ^ seed >> 30) + i + 1;
        }
    }

    /// <summary>A permutation of 0 .. count-1, the next that a RandomState of this seed would draw.</summary>
    internal int[] Permutation(int count)
    {
        int[] items = [.. Enumerable.Range(0, count)];
        for (var i = count - 1; i > 0; i--)
        {
            var chosen = UpTo((uint)i);
            (items[i], items[chosen]) = (items[chosen], items[i]);
        }
        return items;
    }

    private uint UpTo(uint most)
    {
        var mask = uint.MaxValue >> System.Numerics.BitOperations.LeadingZeroCount(most);
        while (true)
            if ((Next() & mask) is var value && value <= most)
                return value;
    }

    private uint Next()
    {
        if (_next == Length)
            Refill();
        var y = _state[_next++];
        y ^= y >> 11;
        y ^= y << 7 & 0x9d2c5680;
        y ^= y << 15 & 0xefc60000;
        return y ^ y >> 18;
    }

    private void Refill()
    {
        for (var i = 0; i < Length; i++)
        {
            var y = _state[i] & 0x80000000 | _state[(i + 1) % Length] & 0x7fffffff;
            _state[i] = _state[(i + 397) % Length] ^ y >> 1 ^ ((y & 1) != 0 ? 0x9908b0df : 0);
        }
        _next = 0;
    }
}
