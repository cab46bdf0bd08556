using System.Formats.Tar;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Specs.Data;
using Xunit.Abstractions;
using static Diffusion.Specs.Files.FuzzFiles;

namespace Diffusion.Specs.Files;

/// <summary>Damaged files of data sets, as their authors publish them.</summary>
public sealed class DatasetFuzzSpecs(ITestOutputHelper output)
{
    [Fact]
    public void Damaged_arrays_of_MNIST_are_read_or_refused() => Tell(Mnist(file => file));

    [Fact]
    public void Whole_gzip_files_of_damaged_arrays_of_MNIST_are_read_or_refused() => Tell(Mnist(Gzipped));

    [Fact]
    public void Damaged_archives_of_CIFAR_10_are_read_or_refused() => Tell(Cifar(tar => tar) with { LeastRefused = 0.05 });

    [Fact]
    public void Whole_gzip_files_of_damaged_archives_of_CIFAR_10_are_read_or_refused() => Tell(Cifar(Gzipped) with { LeastRefused = 0.05 });

    [Fact]
    public void Archives_of_CIFAR_10_with_damaged_headers_and_right_checksums_are_read_or_refused() =>
        Tell(Cifar(tar => Gzipped(WithChecksums(tar))) with { LeastRefused = 0.05 });

    [Fact]
    public void Damaged_pickles_of_CIFAR_are_read_or_refused() => Tell(new Fuzz(
        [OfficialFiles.Pickle((CifarLayout)Dataset.Cifar10.Layout, 2)],
        [.. PickleWords, "U\u0004data", "U\u0006labels", "T\u00FF\u00FF\u00FF\u007F", "cnumpy\ndtype\n", "K\u0001", "\u0089", "U\u0002u1"],
        (file, _) => CifarPickle.Records(file, ["labels"], 3072).Length) { LeastRefused = 0.05 });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Damaged_files_of_MATLAB_are_read_or_refused(bool isDeflated)
    {
        var images = OfficialFiles.MatArray("X", 9, [32, 32, 3, 1], new byte[3072]);
        byte[] arrays = [.. images, .. OfficialFiles.MatArray("y", 9, [1, 1], [7])];
        Tell(new Fuzz(
            [arrays],
            ["X", "y", "\u000E\0\0\0", "\u000F\0\0\0", "\u0002\0\0\0", "\u00FF\u00FF\u00FF\u007F", "\0\0\0\0", "\u0009\0\u0004\0"],
            (file, _) =>
            {
                using var set = SvhnLayout.Read(Dataset.Svhn, "damaged", new MemoryStream(Bytes(file)), Split.Train);
                return set.Images.numel();
            })
        {
            Seal = inside => Min(inside.Length, images.Length) is var end && isDeflated
                ? [.. OfficialFiles.MatHeader, .. OfficialFiles.Deflated(inside[..end]), .. OfficialFiles.Deflated(inside[end..])]
                : [.. OfficialFiles.MatHeader, .. inside],
            Expansion = 2 * Deflate, LeastRefused = 0.05,
        });
    }

    private static Fuzz Mnist(Func<byte[], byte[]> seal)
    {
        byte[] images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, .. new byte[24]];
        byte[] labels = [0, 0, 8, 1, 0, 0, 0, 2, 7, 9];
        return new(
            [images],
            ["\0\0\u0008\u0001", "\0\0\0\u0001", "\u007F\u00FF\u00FF\u00FF", "\u0080\0\0\0", "\u001F\u008B\u0008"],
            (file, _) =>
            {
                using var set = IdxLayout.Read(
                    new MemoryStream(Bytes(file)), new MemoryStream(labels), Dataset.Mnist.Describe(Split.Train, "damaged"));
                return set.Images.numel();
            }) { Seal = seal, Expansion = Deflate };
    }

    private static Fuzz Cifar(Func<byte[], byte[]> seal)
    {
        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true))
            foreach (var name in new[] { "data_batch_1.bin", "readme.html", new string('x', 150) + "/data_batch_2.bin" })
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(new byte[3073]) });
        return new(
            [stream.ToArray()],
            [
                "data_batch_1.bin", "77777777777\0", "00000006001\0", "\u0080\0\0\0\u007F\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF",
                "\u00FF\u00FF\u00FF\u00FF",
                "ustar\0", "L", "x", "g", "0", "5", "2", "99 path=a\n", "20 size=99999999999\n", "-1 ", "\n",
            ],
            (file, _) =>
            {
                using var set = ((CifarLayout)Dataset.Cifar10.Layout)
                    .ReadArchive(Dataset.Cifar10, "damaged", new MemoryStream(Bytes(file)), Split.Train);
                return set.Images.numel();
            }) { Seal = seal, Expansion = 2 * Deflate, Count = Few / 3 };
    }

    private void Tell(Fuzz fuzz) => fuzz.Tell(output);
}
