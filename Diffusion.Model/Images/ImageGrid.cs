using TorchSharp;

namespace Diffusion.Model.Images;

/// <summary>Lays images out on a white sheet, row by row.</summary>
public static class ImageGrid
{
    /// <summary>A sheet of all images.</summary>
    /// <param name="images">[N, C, H, W] in [−1, 1], C = 1 or 3, on any device; rounded to bytes by <see cref="Pixels.ToBytes"/>.</param>
    /// <param name="layout">How they are laid out.</param>
    /// <exception cref="ArgumentException">The tensor has another shape, or holds no image.</exception>
    /// <exception cref="NotFiniteNumberException">A pixel is NaN or infinite.</exception>
    public static RgbImage Compose(torch.Tensor images, GridLayout layout)
    {
        if (images.dim() != 4 || images.shape[0] == 0 || images.shape[1] is not (1 or 3))
            throw new ArgumentException($"[{string.Join(", ", images.shape)}] is no batch of grey or coloured images.", nameof(images));
        using var scope = torch.NewDisposeScope();
        var bytes = Pixels.ToBytes(images).permute(0, 2, 3, 1).expand(-1, -1, -1, 3).contiguous().cpu(); // [N, H, W, 3]
        var (count, height, width) = ((int)bytes.shape[0], (int)bytes.shape[1], (int)bytes.shape[2]);
        var places = new GridPlaces(layout, count, (width, height));
        var sheet = Blank(places.Width, places.Height);
        for (var image = 0; image < count; image++)
        {
            var pixels = bytes.bytes.Slice(image * height * width * 3, height * width * 3);
            Place(sheet, new(width, height, pixels.ToArray()), places.CornerOf(image), layout.Scale);
        }
        foreach (var (text, left, top) in places.Texts())
            Letters.Draw(sheet, text, left, top);
        return sheet;
    }

    private static RgbImage Blank(int width, int height)
    {
        var rgb = new byte[3 * width * height];
        rgb.AsSpan().Fill(255);
        return new(width, height, rgb);
    }

    private static void Place(RgbImage sheet, RgbImage image, (int Left, int Top) corner, int scale)
    {
        for (var y = 0; y < image.Height * scale; y++)
        {
            var from = image.Row(y / scale);
            var to = sheet.Row(corner.Top + y)[(3 * corner.Left)..];
            for (var x = 0; x < image.Width * scale; x++)
                from.Slice(x / scale * 3, 3).CopyTo(to[(3 * x)..]);
        }
    }
}
