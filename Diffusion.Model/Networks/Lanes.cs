using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Diffusion.Model.Networks;

/// <summary><see cref="Count"/> numbers that are computed at once, in two halves; in float32, whatever they are in memory.</summary>
internal static unsafe class Lanes
{
    /// <summary>How many.</summary>
    public const int Count = 32;

    /// <summary>The derivative of z·σ(z): σ·(1 + z·(1 − σ)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> SiluSlope(Vector512<float> z)
    {
        var sigmoid = Sigmoid(z);
        return sigmoid * Vector512.FusedMultiplyAdd(z, Vector512<float>.One - sigmoid, Vector512<float>.One);
    }

    /// <summary>σ(z) = 1 / (1 + 2^t) to some 1e-6 of itself, where 2^t = 2^n · 2^f with |f| ≤ 1/2, and 2^f by its series.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> z)
    {
        var power = Vector512.Clamp(z * -1.442695041f, Vector512.Create(-126f), Vector512.Create(126f));
        var whole = Vector512.Round(power);
        var part = power - whole;
        var series = Vector512.FusedMultiplyAdd(part, Vector512.Create(1.540353e-4f), Vector512.Create(1.33335581e-3f));
        series = Vector512.FusedMultiplyAdd(part, series, Vector512.Create(9.61812911e-3f));
        series = Vector512.FusedMultiplyAdd(part, series, Vector512.Create(5.55041087e-2f));
        series = Vector512.FusedMultiplyAdd(part, series, Vector512.Create(2.40226507e-1f));
        series = Vector512.FusedMultiplyAdd(part, series, Vector512.Create(6.93147181e-1f));
        series = Vector512.FusedMultiplyAdd(part, series, Vector512<float>.One);
        var exponential = (series.AsInt32() + (Vector512.ConvertToInt32Native(whole) << 23)).AsSingle();
        return Vector512<float>.One / (Vector512<float>.One + exponential);
    }

    /// <summary>One number of bfloat16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Single(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>Numbers of bfloat16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<float>, Vector512<float>) Load(ushort* from)
    {
        var bits = Vector512.Load(from);
        return ((Vector512.WidenLower(bits) << 16).AsSingle(), (Vector512.WidenUpper(bits) << 16).AsSingle());
    }

    /// <summary>Numbers of float32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<float>, Vector512<float>) Floats(float* from) => (Vector512.Load(from), Vector512.Load(from + Count / 2));

    /// <summary>As float32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* to, Vector512<float> low, Vector512<float> high)
    {
        low.Store(to);
        high.Store(to + Count / 2);
    }

    /// <summary>As bfloat16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ushort* to, Vector512<float> low, Vector512<float> high) =>
        Vector512.Narrow(Rounded(low), Rounded(high)).Store(to);

    // To the nearest, halfway to even. What is no number stays none: arithmetic gives it zeros in the last bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Rounded(Vector512<float> values)
    {
        var bits = values.AsUInt32();
        return (bits + Vector512.Create(0x7FFFu) + ((bits >> 16) & Vector512<uint>.One)) >> 16;
    }
}
