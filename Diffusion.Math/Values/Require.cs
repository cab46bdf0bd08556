using System.Numerics;
using System.Runtime.CompilerServices;

namespace Diffusion.Math.Values;

/// <summary>Argument checks that return the value they accept, and name the value they refuse.</summary>
public static class Require
{
    /// <summary>A finite number; refuses NaN and infinities.</summary>
    public static double Finite(double value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        double.IsFinite(value) ? value : throw Refusal(name, value, "a finite number");

    /// <summary>A finite number that is at least 0.</summary>
    public static double NonNegative(double value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        double.IsFinite(value) && value >= 0 ? value : throw Refusal(name, value, "finite and at least 0");

    /// <summary>A finite number above 0.</summary>
    public static double Positive(double value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        double.IsFinite(value) && value > 0 ? value : throw Refusal(name, value, "finite and above 0");

    /// <summary>A number in the closed interval from <paramref name="low"/> to <paramref name="high"/>.</summary>
    public static T Within<T>(T value, T low, T high, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : INumber<T> =>
        value >= low && value <= high ? value : throw Refusal(name, value, $"in [{low}, {high}]");

    /// <summary>A number strictly between <paramref name="low"/> and <paramref name="high"/>.</summary>
    public static double Between(double value, double low, double high, [CallerArgumentExpression(nameof(value))] string name = "") =>
        value > low && value < high ? value : throw Refusal(name, value, $"in the open interval ({low}, {high})");

    /// <summary>A whole number that is at least <paramref name="low"/>.</summary>
    public static T AtLeast<T>(T value, T low, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : INumber<T> =>
        value >= low ? value : throw Refusal(name, value, $"at least {low}");

    /// <summary>A list that holds something.</summary>
    public static Sequence<T> NonEmpty<T>(Sequence<T> value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        value.Count > 0 ? value : throw new ArgumentException($"{name} must hold at least one value.", name);

    private static ArgumentOutOfRangeException Refusal(string name, object value, string range) =>
        new(name, value, FormattableString.Invariant($"{name} is {value}; it must be {range}."));
}
