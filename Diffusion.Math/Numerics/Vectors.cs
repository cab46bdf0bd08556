using System.Numerics;
using System.Runtime.InteropServices;

namespace Diffusion.Math.Numerics;

/// <summary>The two inner loops that all of this room's linear algebra is made of.</summary>
internal static class Vectors
{
    /// <summary>Σ first_i * second_i.</summary>
    internal static double Dot(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        var a = MemoryMarshal.Cast<double, Vector<double>>(first);
        var b = MemoryMarshal.Cast<double, Vector<double>>(second);
        var lanes = Vector<double>.Zero;
        for (var i = 0; i < a.Length && i < b.Length; i++)
            lanes += a[i] * b[i];
        var sum = Vector.Sum(lanes);
        for (var i = a.Length * Vector<double>.Count; i < first.Length; i++)
            sum += first[i] * second[i];
        return sum;
    }

    /// <summary>target_i += factor * source_i.</summary>
    internal static void AddScaled(Span<double> target, double factor, ReadOnlySpan<double> source)
    {
        var t = MemoryMarshal.Cast<double, Vector<double>>(target);
        var s = MemoryMarshal.Cast<double, Vector<double>>(source);
        for (var i = 0; i < t.Length && i < s.Length; i++)
            t[i] += factor * s[i];
        for (var i = t.Length * Vector<double>.Count; i < target.Length; i++)
            target[i] += factor * source[i];
    }

    /// <summary>Σ (first_i - second_i)².</summary>
    internal static double SquaredDistance(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        var sum = 0.0;
        for (var i = 0; i < first.Length; i++)
            sum += (first[i] - second[i]) * (first[i] - second[i]);
        return sum;
    }
}
