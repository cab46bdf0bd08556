namespace Diffusion.Model.Images;

/// <summary>Changes the size of an image without aliasing.</summary>
/// <remarks>
/// Keys 1981, "Cubic convolution interpolation", with a = −1/2, stretched by the factor of reduction so that every source pixel counts.
/// Parmar et al. 2022, "On aliased resizing", show what distances suffer from filters that are not stretched.
/// </remarks>
internal static class Resampling
{
    private const int Radius = 2;

    /// <summary>The image at another size.</summary>
    public static RgbImage Resize(RgbImage image, int width, int height)
    {
        var (columns, rows) = (Taps(image.Width, width), Taps(image.Height, height));
        // Between the passes nothing is rounded.
        var narrow = new float[3 * width * image.Height];
        for (var y = 0; y < image.Height; y++)
            for (var x = 0; x < width; x++)
                for (var channel = 0; channel < 3; channel++)
                {
                    var sum = 0f;
                    foreach (var (from, weight) in columns[x])
                        sum += weight * image.Rgb[3 * (y * image.Width + from) + channel];
                    narrow[3 * (y * width + x) + channel] = sum;
                }
        var rgb = new byte[3 * width * height];
        for (var y = 0; y < height; y++)
            for (var at = 0; at < 3 * width; at++)
            {
                var sum = 0f;
                foreach (var (from, weight) in rows[y])
                    sum += weight * narrow[3 * from * width + at];
                rgb[3 * y * width + at] = (byte)Clamp(Round(sum), 0, 255);
            }
        return new(width, height, rgb);
    }

    // For every target pixel the source pixels it is made of, with weights that sum to 1.
    private static (int From, float Weight)[][] Taps(int source, int target)
    {
        var scale = (double)source / target;
        var stretch = Max(scale, 1);
        return [.. Enumerable.Range(0, target).Select(pixel =>
        {
            var centre = (pixel + 0.5) * scale;
            var first = Max(0, (int)Floor(centre - Radius * stretch));
            var last = Min(source - 1, (int)Ceiling(centre + Radius * stretch));
            var weights = Enumerable.Range(first, last - first + 1)
                .Select(from => (From: from, Weight: Kernel((from + 0.5 - centre) / stretch))).ToArray();
            var sum = weights.Sum(tap => tap.Weight);
            return weights.Where(tap => tap.Weight != 0).Select(tap => (tap.From, (float)(tap.Weight / sum))).ToArray();
        })];
    }

    private static double Kernel(double distance)
    {
        var d = Abs(distance);
        return d < 1 ? (1.5 * d - 2.5) * d * d + 1
            : d < Radius ? ((-0.5 * d + 2.5) * d - 4) * d + 2
            : 0;
    }
}
