using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Runtime;

/// <summary>Arithmetic of tensors and numbers that is safe from the collector. See <see cref="Number"/>.</summary>
/// <remarks>
/// To the bit what TorchSharp's operators give. Of those, <c>a - b</c>, <c>a * b</c> and <c>a / b</c> of two tensors and <c>-a</c> are
/// safe as they are.
/// </remarks>
public static class TensorArithmetic
{
    /// <summary>left + right.</summary>
    public static Tensor Plus(this Tensor left, Tensor right) => left.add(right, Number.One);

    /// <summary>left + right.</summary>
    public static Tensor Plus(this Tensor left, double right) => left.add(Number.Of(right), Number.One);

    /// <summary>left + right; whole numbers stay whole.</summary>
    public static Tensor Plus(this Tensor left, long right) => left.add(Number.Of(right), Number.One);

    /// <summary>left − right.</summary>
    public static Tensor Minus(this Tensor left, double right) => left.sub(Number.Of(right));

    /// <summary>left − right; whole numbers stay whole.</summary>
    public static Tensor Minus(this Tensor left, long right) => left.sub(Number.Of(right));

    /// <summary>left · right.</summary>
    public static Tensor Times(this Tensor left, double right) => left.mul(Number.Of(right));

    /// <summary>left · right; whole numbers stay whole.</summary>
    public static Tensor Times(this Tensor left, long right) => left.mul(Number.Of(right));

    /// <summary>left / right, never rounded to whole numbers.</summary>
    public static Tensor Over(this Tensor left, double right) => left.div(Number.Of(right));

    /// <summary>tensor².</summary>
    public static Tensor Squared(this Tensor tensor) => tensor.pow(Number.Of(2));

    /// <summary>total − part.</summary>
    public static Tensor SubtractedFrom(this Tensor part, double total)
    {
        using var negative = part.negative();
        return negative.Plus(total);
    }

    /// <summary>Calls a function of a script for what it does. Its numbers are kept as others are.</summary>
    /// <param name="script">The script, compiled.</param>
    /// <param name="function">The function's name.</param>
    /// <param name="arguments">Tensors, arrays of tensors and numbers.</param>
    public static void Call(this jit.CompilationUnit script, string function, params ReadOnlySpan<object> arguments)
    {
        object[] safe = [.. arguments];
        foreach (ref var argument in safe.AsSpan())
            argument = argument is double number ? Number.Of(number) : argument is long whole ? Number.Of(whole) : argument;
        script.invoke(function, safe);
        GC.KeepAlive(safe);
        GC.KeepAlive(script);
    }
}
