using System.IO.Compression;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Numpy;
using Diffusion.Model.Formats.Tensors;
using Xunit.Abstractions;
using static Diffusion.Specs.Files.FuzzFiles;

namespace Diffusion.Specs.Files;

/// <summary>Damaged arrays of numpy, alone and in zip files.</summary>
public sealed class NumpyFuzzSpecs(ITestOutputHelper output)
{
    [Fact]
    public void Damaged_arrays_are_read_or_refused() => Tell(new Fuzz(
        [.. Real("*.npz").SelectMany(Arrays)],
        ArrayWords,
        (file, _) =>
        {
            using var array = Npy.Open(file);
            Assert.Equal(FileFormat.Npy, array.Description.Format);
            return Touch(array.Array.Load());
        }));

    [Fact]
    public void Damaged_zip_files_of_arrays_are_read_or_refused() => Tell(new Fuzz(
        [.. Real("*.npz"), .. Real("*.npz").Select(Deflated)],
        [
            "PK\u0001\u0002", "PK\u0003\u0004", "PK\u0005\u0006", "PK\u0006\u0006", "PK\u0006\u0007",
            "mu1.npy", "000000000000000000", "\0\0\0\0", "\u0001\0\u0008\0",
        ],
        (file, number) =>
        {
            using var arrays = Npz.Open(file);
            _ = arrays.Description;
            return Chosen(arrays.Entries, number).Sum(entry => Touch(entry.Load()));
        }) { Expansion = Deflate });

    [Fact]
    public void Whole_zip_files_of_damaged_arrays_are_read_or_refused() => Tell(new Fuzz(
        [.. Real("*.npz").Take(1).SelectMany(Arrays)],
        ArrayWords,
        (file, _) =>
        {
            using var arrays = Npz.Open(file);
            return arrays.Entries.Sum(entry => Touch(entry.Load()));
        }) { Seal = array => Zipped(("x.npy", array)), Expansion = Deflate, Count = Few });

    private static string[] ArrayWords =>
        ["'", "{", "}", "(", ")", ",", "9", "000000000000000000", "True", "<f8", "<u8", "|b1", "'shape': (1,),"];

    private static byte[] Deflated(byte[] npz)
    {
        using var source = new ZipArchive(new MemoryStream(npz));
        using var stream = new MemoryStream();
        using (var target = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var entry in source.Entries)
            {
                using var content = target.CreateEntry(entry.FullName, CompressionLevel.Optimal).Open();
                content.Write(Content(entry));
            }
        return stream.ToArray();
    }

    private void Tell(Fuzz fuzz) => fuzz.Tell(output);
}
