using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Images;

/// <summary>The one conversion between the bytes of an image and the numbers in [−1, 1] that networks see.</summary>
/// <remarks>
/// Training, sampling and every distance go through here, so that none of them rounds differently. Ho et al. 2020, Section 3.3: "integers
/// in {0, 1, …, 255} scaled linearly to [−1, 1]". Every byte comes back from its number unchanged.
/// </remarks>
public static class Pixels
{
    private static readonly double[] Luma = [0.299, 0.587, 0.114];

    /// <summary>x = byte / 127.5 − 1.</summary>
    /// <param name="bytes">uint8, any shape.</param>
    /// <returns>float32 in [−1, 1], same shape and device.</returns>
    public static Tensor ToNumbers(Tensor bytes)
    {
        if (bytes.dtype != ScalarType.Byte)
            throw new ArgumentException($"Pixels are bytes; these are {bytes.dtype}.", nameof(bytes));
        using var scope = NewDisposeScope();
        return bytes.to(float32).div_(Number.Of(127.5)).sub_(Number.One).MoveToOuterDisposeScope();
    }

    /// <summary>byte = round((x + 1)·127.5), clamped to [0, 255].</summary>
    /// <param name="numbers">Any floating type and shape; finite, nominally in [−1, 1].</param>
    /// <returns>uint8, same shape and device.</returns>
    /// <exception cref="NotFiniteNumberException">Some number is NaN or infinite: no byte stands for that.</exception>
    public static Tensor ToBytes(Tensor numbers)
    {
        using var scope = NewDisposeScope();
        var broken = numbers.numel() - numbers.isfinite().sum().item<long>();
        if (broken > 0)
            throw new NotFiniteNumberException($"{broken} of {numbers.numel()} image values are not finite numbers.");
        var scaled = numbers.to(float32).Plus(1).mul_(Number.Of(127.5));
        return scaled.round_().clamp_(Number.Of(0), Number.Of(255)).to(ScalarType.Byte).MoveToOuterDisposeScope();
    }

    /// <summary>The brightness of colours, ITU-R BT.601: 0.299 red + 0.587 green + 0.114 blue.</summary>
    /// <param name="colours">[N, 3, H, W]: bytes, which are rounded to, or float32.</param>
    /// <returns>[N, 1, H, W] of the same type, on the same device. What is grey stays as it is, to rounding.</returns>
    public static Tensor Brightness(Tensor colours)
    {
        using var scope = NewDisposeScope();
        var weights = tensor(Luma, float32).view(1, 3, 1, 1).to(colours.device);
        var grey = colours.to(float32).mul(weights).sum(1, keepdim: true);
        return (colours.dtype == ScalarType.Byte ? grey.round_().to(ScalarType.Byte) : grey).MoveToOuterDisposeScope();
    }

    /// <summary>Images with alpha, laid over white: what features are measured of.</summary>
    /// <param name="bytes">uint8 [N, 4, H, W]: red, green, blue and alpha; colours are not multiplied by it.</param>
    /// <returns>uint8 [N, 3, H, W], on the same device, to the byte as <see cref="RgbImage.Over"/> has it.</returns>
    public static Tensor OverWhite(Tensor bytes)
    {
        using var scope = NewDisposeScope();
        // Whole numbers up to 65,152, which float32 holds exactly.
        var (colours, alpha) = (bytes.narrow(1, 0, 3).to(float32), bytes.narrow(1, 3, 1).to(float32));
        var white = alpha.SubtractedFrom(255).mul_(Number.Of(255));
        var sum = colours.mul_(alpha).add_(white, Number.One).add_(Number.Of(127), Number.One);
        return sum.div_(Number.Of(255)).floor_().to(ScalarType.Byte).MoveToOuterDisposeScope();
    }

    /// <summary>The images of a batch, one by one.</summary>
    /// <param name="bytes">uint8 [N, C, H, W], C = 1, 3, or 4 with alpha, on any device.</param>
    public static RgbImage[] ToImages(Tensor bytes)
    {
        using var scope = NewDisposeScope();
        var (count, height, width) = ((int)bytes.shape[0], (int)bytes.shape[2], (int)bytes.shape[3]);
        var colours = bytes.narrow(1, 0, Min(bytes.shape[1], 3)).expand(-1, 3, -1, -1).permute(0, 2, 3, 1).contiguous().cpu();
        var alpha = bytes.shape[1] == 4 ? bytes.narrow(1, 3, 1).contiguous().cpu() : null;
        return [.. Enumerable.Range(0, count).Select(index => new RgbImage(width, height, Part(colours, index, 3 * height * width))
        {
            Alpha = alpha is null ? null : Part(alpha, index, height * width),
        })];
    }

    private static byte[] Part(Tensor bytes, int index, int size) => bytes.bytes.Slice(index * size, size).ToArray();

    /// <summary>A tensor of a copy of the given bytes.</summary>
    /// <param name="bytes">As many as <paramref name="shape"/> holds, row-major.</param>
    /// <param name="shape">The tensor's shape.</param>
    /// <exception cref="ArgumentException">The shape holds another number of values.</exception>
    public static Tensor FromBytes(ReadOnlySpan<byte> bytes, params ReadOnlySpan<long> shape)
    {
        var tensor = empty(shape, ScalarType.Byte);
        if (tensor.numel() != bytes.Length)
            throw new ArgumentException($"{bytes.Length} bytes do not fill a tensor of {tensor.numel()}.", nameof(bytes));
        // Ten times faster than torch.tensor(byte[]).
        bytes.CopyTo(tensor.bytes);
        return tensor;
    }
}
