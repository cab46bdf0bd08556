using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Networks;

/// <summary>
/// Four images, each of every other row and column of one image twice as large, put together: [N, 4C, H + 1, W + 1] → [N, C, 2H, 2W], on a
/// CPU, with the channels last.
/// </summary>
/// <remarks>
/// Channel (2a + b)·C + c of place (i + a, j + b) becomes channel c of pixel (2i + a, 2j + b). Shi et al. 2016, Eq. 4, for images that are
/// shifted by a pixel against each other: what is computed beyond the border is left out.
/// </remarks>
internal sealed unsafe class Interleaving : autograd.SingleTensorFunction<Interleaving>
{
    private const string Size = "size";

    /// <inheritdoc/>
    public override string Name => nameof(Interleaving);

    /// <summary>Puts them together.</summary>
    /// <param name="parts">[N, 4C, H + 1, W + 1], of any type.</param>
    public static Tensor Of(Tensor parts)
    {
        using var scope = NewDisposeScope();
        return (is_grad_enabled() ? apply(parts) : Together(parts)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
    {
        var parts = (Tensor)arguments[0];
        context.save_data(Size, parts.shape);
        return Together(parts);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var size = (long[])context.get_data(Size);
        var (whole, parts) = (gradient.WithChannelsLast(), zeros(size[0], size[2], size[3], size[1], gradient.dtype, gradient.device));
        fixed (byte* pixels = whole.FirstPlaces(), places = parts.permute(0, 3, 1, 2).FirstPlaces())
            foreach (var (pixel, place, length) in Runs(size, (int)gradient.ElementSize))
                new Span<byte>(pixels + pixel, length).CopyTo(new(places + place, length));
        return [parts.permute(0, 3, 1, 2).MoveToOuterDisposeScope()];
    }

    private static Tensor Together(Tensor parts)
    {
        using var scope = NewDisposeScope();
        var (size, last) = (parts.shape, parts.WithChannelsLast());
        var whole = empty(size[0], 2 * (size[2] - 1), 2 * (size[3] - 1), size[1] / 4, parts.dtype, parts.device);
        fixed (byte* pixels = whole.permute(0, 3, 1, 2).FirstPlaces(), places = last.FirstPlaces())
            foreach (var (pixel, place, length) in Runs(size, (int)parts.ElementSize))
                new Span<byte>(places + place, length).CopyTo(new(pixels + pixel, length));
        return whole.permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    // Where the channels of each pixel begin, in the whole and in the parts, and how many bytes they take.
    private static IEnumerable<(nint Pixel, nint Place, int Length)> Runs(long[] size, int element)
    {
        var (images, rows, columns) = (size[0], size[2] - 1, size[3] - 1);
        var length = (nint)size[1] / 4 * element;
        nint pixel = 0;
        for (var image = 0L; image < images; image++)
            for (var row = 0L; row < 2 * rows; row++)
                for (var column = 0L; column < 2 * columns; column++, pixel += length)
                {
                    var (a, b) = (row % 2, column % 2);
                    var place = (image * (rows + 1) + row / 2 + a) * (columns + 1) + column / 2 + b;
                    yield return (pixel, ((nint)place * 4 + (nint)(2 * a + b)) * length, (int)length);
                }
    }
}
