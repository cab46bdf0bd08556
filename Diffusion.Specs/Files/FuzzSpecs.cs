using System.IO.Compression;
using System.Text;
using Diffusion.Model.Files;
using Diffusion.Model.Formats;
using Diffusion.Model.Formats.Numpy;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Formats.Torch;
using TorchSharp;
using Xunit.Abstractions;

namespace Diffusion.Specs.Files;

/// <summary>Real files, damaged in twenty thousand ways for each reader: what is not read is refused, with a place and a reason.</summary>
public sealed class FuzzSpecs(ITestOutputHelper output)
{
    // Files of which twenty thousand copies are no burden.
    private const int LargestFile = 1 << 16;

    // Instructions, names and numbers that pickles are made of, in honest and in other files.
    private static readonly string[] PickleWords =
    [
        ".", "(", "t", "}", "u", "]", "e", ")", "R", "Q", "b", "N", "\u0088", "\u0085", "\u0080\u0002", "h\0", "q\0",
        "j\u00FF\u00FF\u00FF\u007F", "J\u00FF\u00FF\u00FF\u007F", "\u008A\u0004\u00FF\u00FF\u00FF\u007F", "X\u00FF\u00FF\u00FF\u00FF",
        "cos\nsystem\n", "ctorch\nDoubleStorage\n", "ccollections\nOrderedDict\n", "ctorch._utils\n_rebuild_tensor_v2\n",
        "PK\u0001\u0002", "PK\u0003\u0004", "data.pkl",
    ];

    [Fact]
    public void Damaged_safetensors_are_read_or_refused() => Tell(new Fuzz(
        Real("*.safetensors"),
        [
            "{", "}", "[", "]", ",", ":", "\"", "9", "000000000000000000", "-1", "1e9", "\\ud800", "\"\":",
            "\"dtype\":\"F64\",", "\"shape\":[0],", "\"data_offsets\":[0,0]", "\"__metadata__\":{",
        ],
        (file, number) =>
        {
            using var tensors = Safetensors.Open(file);
            _ = tensors.Description;
            return Chosen(tensors.Entries, number).Sum(entry => Touch(tensors.Load(entry.Name)));
        }));

    [Fact]
    public void Damaged_arrays_are_read_or_refused() => Tell(new Fuzz(
        [.. Real("*.npz").SelectMany(Arrays)],
        ["'", "{", "}", "(", ")", ",", "9", "000000000000000000", "True", "<f8", "<u8", "|b1", "'shape': (1,),"],
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
        }));

    [Fact]
    public void Damaged_zip_files_of_PyTorch_are_read_or_refused() =>
        Tell(new Fuzz(Real("*_zip*.pth"), PickleWords, LoadPickle));

    [Fact]
    public void Damaged_legacy_files_of_PyTorch_are_read_or_refused() =>
        Tell(new Fuzz(Real("*_legacy.pth"), PickleWords, LoadPickle));

    [Fact]
    public void Files_of_any_format_are_told_apart_or_refused() =>
        Tell(new Fuzz([.. Real("*.safetensors"), .. Real("*.npz"), .. Real("*.pth")], PickleWords, (file, _) =>
        {
            FileFormats.Describe(file);
            return 0;
        }));

    private void Tell(Fuzz fuzz)
    {
        var (read, refused) = fuzz.Run();
        output.WriteLine($"{read + refused} damaged files: {read} opened and loaded, {refused} refused");
    }

    private static IEnumerable<T> Chosen<T>(IReadOnlyList<T> all, int? number) =>
        number is { } chosen && all.Count > 0 ? [all[chosen % all.Count]] : all;

    private static long LoadPickle(FileBytes file, int? number)
    {
        using var pickle = TorchPickle.Open(file);
        _ = pickle.Description;
        var tensors = Chosen([.. pickle.Content.Tensors()], number).ToArray();
        foreach (var tensor in tensors)
            Touch(pickle.Load(tensor));
        return tensors.Select(tensor => tensor.Storage).Distinct().Sum(storage => storage.ByteCount);
    }

    // Reads every element: one out of bounds would show.
    private static long Touch(torch.Tensor tensor)
    {
        tensor.count_nonzero().Dispose();
        return tensor.numel() * tensor.ElementSize;
    }

    private static byte[][] Real(string pattern) =>
        [.. Directory.GetFiles(Path.Combine(Repository.Golden, "reference"), pattern, SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Where(file => new FileInfo(file).Length <= LargestFile).Select(File.ReadAllBytes)];

    private static IEnumerable<byte[]> Arrays(byte[] npz)
    {
        using var zip = new ZipArchive(new MemoryStream(npz));
        foreach (var entry in zip.Entries)
            yield return Content(entry);
    }

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

    private static byte[] Content(ZipArchiveEntry entry)
    {
        using var copy = new MemoryStream();
        using var content = entry.Open();
        content.CopyTo(copy);
        return copy.ToArray();
    }
}
