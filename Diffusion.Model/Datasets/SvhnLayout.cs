using Diffusion.Model.Files;
using Diffusion.Model.Formats.Matlab;

namespace Diffusion.Model.Datasets;

/// <summary>The files of the cropped digits of SVHN: a MATLAB file for each part, with the images X and their digits y.</summary>
/// <remarks>
/// Netzer et al. 2011, "Reading digits in natural images with unsupervised feature learning", format 2. X is 32×32×3×N with rows varying
/// fastest; the digit 0 has the label 10.
/// </remarks>
public sealed record SvhnLayout : DatasetLayout
{
    private const int Side = 32;
    private const int Channels = 3;
    private const int PixelBytes = Channels * Side * Side;
    private const int LabelOfZero = 10;

    // A fifth more than the extra part, which is the largest.
    private const long Most = 640_000L * PixelBytes;

    /// <inheritdoc/>
    public override string Files => $"{FileOf(Split.Train)} and {FileOf(Split.Test)}";

    /// <summary>The file of a part.</summary>
    public static string FileOf(Split split) => split == Split.Train ? "train_32x32.mat" : "test_32x32.mat";

    /// <inheritdoc/>
    public override bool IsIn(string folder, Split split) => File.Exists(Path.Combine(folder, FileOf(split)));

    /// <inheritdoc/>
    public override ImageSet Read(Dataset dataset, string place, Split split)
    {
        var path = Path.Combine(place, FileOf(split));
        if (!File.Exists(path))
            throw new InputException(place, Directory.Exists(place) ? $"no {FileOf(split)}" : "no folder", $"{dataset.Title}: {Files}");
        return InputFile.Reading(path, () =>
        {
            using var file = OrdinaryFile.Open(path);
            return Read(dataset, path, file, split);
        });
    }

    /// <summary>Reads one part from the content of its file.</summary>
    /// <exception cref="InputException">It is no such file, or damaged.</exception>
    internal static ImageSet Read(Dataset dataset, string path, Stream file, Split split)
    {
        var arrays = MatFile.Read(path, file, Most, "X", "y");
        if (!arrays.TryGetValue("X", out var images) || images is not { IsOfBytes: true, Dimensions: [Side, Side, Channels, .. var more] }
            || more is not ([] or [> 0]))
            throw new InputException(path, "no array X of bytes, 32×32×3×N", "the images of SVHN, format 2");
        var count = more is [var many] ? many : 1;
        if (!arrays.TryGetValue("y", out var digits) || digits.Count != count)
            throw new InputException(path, $"no array y of {count}", "the digit of each image");
        var (pixels, labels) = (new byte[images.Bytes.Length], new byte[count]);
        for (var image = 0; image < count; image++)
        {
            labels[image] = digits[image] is var digit and >= 1 and <= LabelOfZero && digit == Floor(digit)
                ? (byte)(digit % LabelOfZero)
                : throw new InputException(path, FormattableString.Invariant($"the label {digits[image]} of image {image}"), "1 to 10");
            for (var channel = 0; channel < Channels; channel++)
                Transpose(images.Bytes.Slice(image * PixelBytes + channel * Side * Side, Side * Side),
                    pixels.AsSpan(image * PixelBytes + channel * Side * Side, Side * Side));
        }
        return ImageSet.Of(dataset.Describe(split, count, path), dataset.Shape, pixels, labels);
    }

    private static void Transpose(ReadOnlySpan<byte> columns, Span<byte> rows)
    {
        for (var row = 0; row < Side; row++)
            for (var column = 0; column < Side; column++)
                rows[row * Side + column] = columns[column * Side + row];
    }
}
