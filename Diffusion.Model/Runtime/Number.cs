using TorchSharp;

namespace Diffusion.Model.Runtime;

/// <summary>Numbers as libtorch takes them, kept until the call they are given to is over.</summary>
/// <remarks>
/// TorchSharp hands a number to libtorch in a <see cref="Scalar"/>, whose finaliser frees it. Nothing refers to it any more once its
/// address has been read, so that a collection at that instant frees it before libtorch reads it: the call then takes any number, or
/// fails. Here the last ones of each thread are kept. A call takes fewer than that, so write <see cref="Of(double)"/> in the call itself
/// and keep no scalar in a variable. TorchSharp makes scalars of its own in operators such as <c>a + b</c> and <c>2 * a</c>:
/// <see cref="TensorArithmetic"/> has their like.
/// </remarks>
public static class Number
{
    // A power of 2, far above what one call takes.
    private const int Kept = 64;

    [ThreadStatic]
    private static Scalar[]? _last;

    [ThreadStatic]
    private static int _made;

    /// <summary>1, which lives as long as the program.</summary>
    public static Scalar One { get; } = 1L.ToScalar();

    /// <summary>A number that makes an operation on integers one on floating-point numbers.</summary>
    public static Scalar Of(double value) => Keep(value.ToScalar());

    /// <summary>A whole number: what it is combined with keeps its type.</summary>
    public static Scalar Of(long value) => Keep(value.ToScalar());

    /// <summary>The whole numbers from <paramref name="first"/> up to and without <paramref name="end"/>, in order.</summary>
    public static torch.Tensor Range(long first, long end, torch.ScalarType type, torch.Device device) =>
        torch.arange(Of(first), Of(end), One, type, device);

    private static Scalar Keep(Scalar number) => (_last ??= new Scalar[Kept])[_made++ & (Kept - 1)] = number;
}
