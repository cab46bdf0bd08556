using System.Globalization;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Images;

namespace Diffusion.Host.Samplers;

/// <summary>Refuses sheets that no program could open, before anything is computed for them.</summary>
public static class SheetRoom
{
    private const long MostPixels = 1 << 28;

    /// <summary>Looks at a sheet that was asked for.</summary>
    /// <param name="images">How many images.</param>
    /// <param name="shape">The shape of one.</param>
    /// <param name="scale">The side of an image pixel; null for the usual one.</param>
    /// <exception cref="InputException">It would have more than 268 million pixels.</exception>
    public static void Require(long images, ImageShape shape, int? scale)
    {
        var side = scale ?? 1;
        // No whole number counts the pixels of every size.
        if ((double)images * shape.Height * shape.Width <= MostPixels / side / side)
            return;
        var what = string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(images, "image")} of {shape}");
        throw new InputException(
            scale is null ? "sheet" : "--zoom", scale is null ? what : string.Create(CultureInfo.InvariantCulture, $"{side} for {what}"),
            $"a sheet of at most {MostPixels / 1_000_000} million pixels");
    }
}
