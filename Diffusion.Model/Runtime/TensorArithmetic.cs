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
    extension(Tensor left)
    {
        /// <summary>left + right.</summary>
        public Tensor Plus(Tensor right) => left.add(right, Number.One);

        /// <summary>left + right.</summary>
        public Tensor Plus(double right) => left.add(Number.Of(right), Number.One);

        /// <summary>left + right; whole numbers stay whole.</summary>
        public Tensor Plus(long right) => left.add(Number.Of(right), Number.One);

        /// <summary>left − right.</summary>
        public Tensor Minus(double right) => left.sub(Number.Of(right));

        /// <summary>left − right; whole numbers stay whole.</summary>
        public Tensor Minus(long right) => left.sub(Number.Of(right));

        /// <summary>left · right.</summary>
        public Tensor Times(double right) => left.mul(Number.Of(right));

        /// <summary>left · right; whole numbers stay whole.</summary>
        public Tensor Times(long right) => left.mul(Number.Of(right));

        /// <summary>left / right, never rounded to whole numbers.</summary>
        public Tensor Over(double right) => left.div(Number.Of(right));

        /// <summary>left².</summary>
        public Tensor Squared() => left.pow(Number.Of(2));

        /// <summary>total − left.</summary>
        public Tensor SubtractedFrom(double total)
        {
            using var negative = left.negative();
            return negative.Plus(total);
        }
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
