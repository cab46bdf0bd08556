using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using Diffusion.Model.Images;

namespace Diffusion.Model.Datasets;

/// <summary>What is kept of an image to find it again among many: alike, or nearly so after another encoding or size.</summary>
internal sealed class ImagePrint
{
    // Copies that were encoded or scaled anew correlate above this; so do few images of different things.
    private const double LeastCorrelation = 0.99;
    public const double MostBrightening = 8;

    // Bits of the gradient that may differ.
    public const int MostBits = 4;

    // An image with less contrast is like any other with as little.
    private const double LeastDeviation = 6;

    private const int Side = 16;

    // Of what is looked at with its alpha: white drawings on nothing would be lost on white, black ones on black.
    private static readonly PixelColour Under = new(128, 128, 128);

    private const int GradientColumns = 9;
    private const int GradientRows = 8;

    private readonly byte[] _thumbnail;

    private ImagePrint(UInt128 pixels, ulong gradient, byte[] thumbnail)
    {
        (Pixels, Gradient, _thumbnail) = (pixels, gradient, thumbnail);
        Mean = thumbnail.Average(value => (double)value);
        Deviation = Sqrt(thumbnail.Average(value => (value - Mean) * (value - Mean)));
    }

    /// <summary>Half of a SHA-256 of size and pixels, alpha among them unless it is opaque: alike only where all pixels are.</summary>
    public UInt128 Pixels { get; }

    /// <summary>
    /// Where the brightness rises from left to right, 64 places: the difference hash of Krawetz 2013, "Kind of like that".
    /// </summary>
    public ulong Gradient { get; }

    /// <summary>The mean brightness.</summary>
    public double Mean { get; }

    /// <summary>The standard deviation of the brightness of a small version.</summary>
    public double Deviation { get; }

    /// <summary>Whether there is too little to see to say that another image is nearly the same.</summary>
    public bool IsFlat => Deviation < LeastDeviation;

    /// <summary>The print of an image.</summary>
    public static ImagePrint Of(RgbImage image)
    {
        var size = new byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(size, image.Width);
        BinaryPrimitives.WriteInt32LittleEndian(size.AsSpan(4), image.Height);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(size);
        hash.AppendData(image.Rgb);
        if (image.Alpha.AsSpan().ContainsAnyExcept(byte.MaxValue))
            hash.AppendData(image.Alpha!);
        image = image.Over(Under);
        var gradient = 0UL;
        var steps = Reduced(image, GradientColumns, GradientRows);
        for (var at = 0; at < GradientRows * GradientColumns; at++)
            if (at % GradientColumns < GradientColumns - 1)
                gradient = gradient << 1 | (steps[at] < steps[at + 1] ? 1UL : 0);
        return new(BinaryPrimitives.ReadUInt128LittleEndian(hash.GetCurrentHash()), gradient, Reduced(image, Side, Side));
    }

    /// <summary>Whether two images that are not the same to the pixel look the same.</summary>
    public bool IsNear(ImagePrint other)
    {
        if (IsFlat || other.IsFlat || BitOperations.PopCount(Gradient ^ other.Gradient) > MostBits
            || Abs(Mean - other.Mean) > MostBrightening)
            return false;
        var product = 0.0;
        for (var at = 0; at < _thumbnail.Length; at++)
            product += (_thumbnail[at] - Mean) * (other._thumbnail[at] - other.Mean);
        return product / (_thumbnail.Length * Deviation * other.Deviation) >= LeastCorrelation;
    }

    // The mean brightness of each cell of a grid that is laid over the image; pixels on a line between cells count in parts.
    private static byte[] Reduced(RgbImage image, int columns, int rows)
    {
        var (across, down) = (Cells(image.Width, columns), Cells(image.Height, rows));
        var cells = new double[columns * rows];
        var bands = new double[columns];
        for (var row = 0; row < rows; row++)
            foreach (var (y, height) in down[row])
            {
                Array.Clear(bands);
                var pixels = image.Row(y);
                for (var column = 0; column < columns; column++)
                    foreach (var (x, width) in across[column])
                        bands[column] += width * (pixels[3 * x] + pixels[3 * x + 1] + pixels[3 * x + 2]);
                for (var column = 0; column < columns; column++)
                    cells[row * columns + column] += height * bands[column];
            }
        return [.. cells.Select(sum => (byte)Round(sum / 3))];
    }

    // For every cell the pixels in it with their shares, which add up to 1.
    private static (int Pixel, double Share)[][] Cells(int pixels, int cells) =>
        [.. Enumerable.Range(0, cells).Select(cell =>
        {
            var (from, to) = ((double)cell * pixels / cells, (double)(cell + 1) * pixels / cells);
            return Enumerable.Range((int)from, Min(pixels, (int)Ceiling(to)) - (int)from)
                .Select(pixel => (pixel, (Min(to, pixel + 1) - Max(from, pixel)) / (to - from))).ToArray();
        })];
}
