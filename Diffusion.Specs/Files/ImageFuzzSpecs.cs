using BitMiracle.LibTiff.Classic;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Specs.Data;
using Xunit.Abstractions;
using static Diffusion.Specs.Files.FuzzFiles;

namespace Diffusion.Specs.Files;

/// <summary>Damaged images.</summary>
public sealed class ImageFuzzSpecs(ITestOutputHelper output)
{
    // Some hundred bytes can be an image of one colour of 8192×8192 pixels.
    private const long LargestImage = 1L << 30;

    [Fact]
    public void Damaged_images_are_read_or_refused() => Tell(new Fuzz(
        [Image, Encoded.AsJpeg(Encoded.Plain(9, 7, 1, 2, 3)), Encoded.AsLosslessWebp(Encoded.Plain(9, 7, 1, 2, 3)),
            Encoded.AsBmp(Encoded.Plain(9, 7, 1, 2, 3)), Convert.FromBase64String("R0lGODlhBAAEAIAAAP///wAAACwAAAAABAAEAAACBISPCQUAOw==")],
        ["IHDR", "IDAT", "IEND", "tRNS", "\u00FF\u00D8", "\u00FF\u00C4", "RIFF", "VP8L", "BM", "GIF89a", "\0\0\0\0"],
        (file, _) => 0L * ImageDecoder.Decode("damaged", Bytes(file), ImageReading.AsSeen).Image.Rgb.Length)
        { Seal = WithChunkSums, Allowance = LargestImage, LeastRefused = 0.1 });

    [Fact]
    public void Damaged_TIFF_images_are_read_or_refused() => Tell(new Fuzz(
        [
            TiffSpecs.Written(Slope(3), 3, 8, Photometric.RGB), TiffSpecs.Written(Slope(1), 1, 8, Photometric.MINISBLACK),
            TiffSpecs.Written(Slope(3), 3, 8, Photometric.RGB, tiff => tiff.SetField(TiffTag.COMPRESSION, Compression.LZW)),
            TiffSpecs.Written(Slope(3), 3, 8, Photometric.RGB, tiff => tiff.SetField(TiffTag.COMPRESSION, Compression.ADOBE_DEFLATE)),
            TiffSpecs.Written(Slope(3), 3, 8, Photometric.RGB, tiff =>
            {
                tiff.SetField(TiffTag.TILEWIDTH, 16);
                tiff.SetField(TiffTag.TILELENGTH, 16);
            }),
        ],
        [
            "\u0000\u0001\u0004\0\u0001\0\0\0", "\u0001\u0001\u0004\0\u0001\0\0\0", "\u0003\u0001\u0003\0\u0001\0\0\0\u0004\0",
            "\u0003\u0001\u0003\0\u0001\0\0\0\u0007\0", "\u0016\u0001\u0004\0\u0001\0\0\0", "\u00FF\u00FF\u00FF\u007F", "\0\0\0\0",
            "\u0015\u0001\u0003\0\u0001\0\0\0\u0004\0", "\u001C\u0001\u0003\0\u0001\0\0\0\u0002\0",
            "\u0006\u0001\u0003\0\u0001\0\0\0\u0006\0",
        ],
        (file, _) => ImageDecoder.Decode("damaged", Bytes(file), ImageReading.AsSeen).Image.Rgb.Length * 0L)
        { Allowance = LargestImage, LeastRefused = 0.1 });

    // Samples of 13×9 pixels.
    private static byte[] Slope(int channels) => [.. Enumerable.Range(0, channels * 13 * 9).Select(at => (byte)(at * 2))];

    private void Tell(Fuzz fuzz) => fuzz.Tell(output);
}
