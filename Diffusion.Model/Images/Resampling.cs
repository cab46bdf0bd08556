namespace Diffusion.Model.Images;

/// <summary>Changes the size of an image without aliasing.</summary>
/// <remarks>
/// Keys 1981, "Cubic convolution interpolation", with a = −1/2, stretched by the factor of reduction so that every source pixel counts.
/// Parmar et al. 2022, "On aliased resizing", show what distances suffer from filters that are not stretched. Colours count by their
/// opacity, as Porter and Duff 1984, "Compositing digital images", multiply them by it: what is not seen does not colour what is.
/// </remarks>
internal static class Resampling
{
    private const int Radius = 2;

    /// <summary>The image at another size.</summary>
    public static RgbImage Resize(RgbImage image, int width, int height)
    {
        // To the byte as without alpha.
        if (image.Alpha is { } all && !all.AsSpan().ContainsAnyExcept(byte.MaxValue))
            return Resize(image with { Alpha = null }, width, height).Opaque();
        var (columns, rows) = (Taps(image.Width, width), Taps(image.Height, height));
        var opacity = image.Alpha;
        var (narrowAlpha, alpha) = opacity is null
            ? (null, null) : (new float[width * image.Height], new byte[width * height]);
        // Between the passes nothing is rounded.
        var narrow = new float[3 * width * image.Height];
        for (var y = 0; y < image.Height; y++)
            for (var x = 0; x < width; x++)
            {
                for (var channel = 0; channel < 3; channel++)
                {
                    var sum = 0f;
                    if (opacity is null)
                        foreach (var (from, weight) in columns[x])
                            sum += weight * image.Rgb[3 * (y * image.Width + from) + channel];
                    else
                        foreach (var (from, weight) in columns[x])
                            sum += weight * opacity[y * image.Width + from] * image.Rgb[3 * (y * image.Width + from) + channel];
                    narrow[3 * (y * width + x) + channel] = sum;
                }
                foreach (var (from, weight) in opacity is null ? [] : columns[x])
                    narrowAlpha![y * width + x] += weight * opacity![y * image.Width + from];
            }
        var rgb = new byte[3 * width * height];
        for (var y = 0; y < height; y++)
            for (var at = 0; at < 3 * width; at++)
            {
                var (sum, seen) = (0f, 0f);
                foreach (var (from, weight) in rows[y])
                    sum += weight * narrow[3 * from * width + at];
                foreach (var (from, weight) in alpha is null ? [] : rows[y])
                    seen += weight * narrowAlpha![from * width + at / 3];
                if (alpha is not null && (alpha[y * width + at / 3] = Rounded(seen)) is var visible)
                    sum = visible == 0 ? 0 : sum / seen;
                rgb[3 * y * width + at] = Rounded(sum);
            }
        return new(width, height, rgb) { Alpha = alpha };
    }

    private static byte Rounded(float value) => (byte)Clamp(Round(value), 0, 255);

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
