using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Runtime;

/// <summary>Random numbers that are the same in every run of the specification, and leave libtorch's own generator alone.</summary>
internal static class Drawn
{
    public static Tensor Normal(params ReadOnlySpan<long> shape) => Normal(shape, 1);

    public static Tensor Normal(ReadOnlySpan<long> shape, ulong seed, ScalarType type = ScalarType.Float32)
    {
        using var generator = new Generator(seed, CPU);
        return randn(shape, type, generator: generator);
    }

    /// <summary>Uniform in [0, 1).</summary>
    public static Tensor Uniform(params ReadOnlySpan<long> shape)
    {
        using var generator = new Generator(1, CPU);
        return rand(shape, generator: generator);
    }

    /// <summary>Uniform in 0 to 255.</summary>
    public static Tensor Bytes(params ReadOnlySpan<long> shape)
    {
        using var generator = new Generator(1, CPU);
        return randint(256, [.. shape], ScalarType.Byte, generator: generator);
    }
}
