using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Specs.Data;
using TorchSharp;

namespace Diffusion.Specs.Files;

/// <summary>What the specs of damaged files have in common: real files, whole ones made here, and how tensors are loaded.</summary>
internal static class FuzzFiles
{
    /// <summary>Files of which twenty thousand copies are no burden.</summary>
    public const int LargestFile = 1 << 16;

    /// <summary>For what takes longer to read, or is damaged in one place only.</summary>
    public const int Few = 3000;

    /// <summary>How far deflate expands at most.</summary>
    public const int Deflate = 1032;

    // Instructions, names and numbers that pickles are made of, in honest and in other files.
    public static string[] PickleWords { get; } =
    [
        ".", "(", "t", "}", "u", "]", "e", ")", "R", "Q", "b", "N", "\u0088", "\u0085", "\u0080\u0002", "h\0", "q\0",
        "j\u00FF\u00FF\u00FF\u007F", "J\u00FF\u00FF\u00FF\u007F", "\u008A\u0004\u00FF\u00FF\u00FF\u007F", "X\u00FF\u00FF\u00FF\u00FF",
        "cos\nsystem\n", "ctorch\nDoubleStorage\n", "ccollections\nOrderedDict\n", "ctorch._utils\n_rebuild_tensor_v2\n",
        "PK\u0001\u0002", "PK\u0003\u0004", "data.pkl",
    ];

    public static byte[] Image => Encoded.AsPng(Encoded.Plain(5, 4, 200, 100, 50));

    public static byte[] Labels => Encoding.UTF8.GetBytes("{\"labels\": [[\"a/0.png\", 3], [\"b/1.png\", 0]], \"more\": {\"x\": null}}");

    public static byte[][] Real(string pattern) =>
        [.. Directory.GetFiles(Path.Combine(Repository.Golden, "reference"), pattern, SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Where(file => new FileInfo(file).Length <= LargestFile).Select(File.ReadAllBytes)];

    public static IEnumerable<byte[]> Arrays(byte[] npz)
    {
        using var zip = new ZipArchive(new MemoryStream(npz));
        foreach (var entry in zip.Entries)
            yield return Content(entry);
    }

    public static byte[] Content(ZipArchiveEntry entry)
    {
        using var copy = new MemoryStream();
        using var content = entry.Open();
        content.CopyTo(copy);
        return copy.ToArray();
    }

    public static byte[] Bytes(FileBytes file) => file.Slice(0, (int)file.Length, "all").ToArray();

    /// <summary>The file with one byte changed.</summary>
    public static FileBytes Changed(byte[] file, int at) =>
        FileBytes.Of("made up", [.. file[..at], (byte)(file[at] ^ 1), .. file[(at + 1)..]]);

    /// <summary>A zip file whose writer computed no checksums: damage meets what reads its content.</summary>
    public static byte[] WithoutChecksums(byte[] zip)
    {
        var copy = zip.ToArray();
        for (var at = 0; copy.AsSpan(at).IndexOf("PK\u0001\u0002"u8) is >= 0 and var next; at += next + 4)
            copy.AsSpan(at + next + 16, 4).Clear();
        return copy;
    }

    public static byte[] Gzipped(byte[] content)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest))
            gzip.Write(content);
        return stream.ToArray();
    }

    public static byte[] Zipped(params (string Name, byte[] Content)[] files) => Zipped(CompressionLevel.Fastest, files);

    public static byte[] Stored(params (string Name, byte[] Content)[] files) => Zipped(CompressionLevel.NoCompression, files);

    public static byte[] Zipped(CompressionLevel level, (string Name, byte[] Content)[] files)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, content) in files)
            {
                using var entry = zip.CreateEntry(name, level).Open();
                entry.Write(content);
            }
        return stream.ToArray();
    }

    // As a program would write them that believes its own headers.
    public static byte[] WithChecksums(byte[] tar)
    {
        var copy = tar.ToArray();
        for (var at = 0L; at + 512 <= copy.Length;)
        {
            var header = copy.AsSpan((int)at, 512);
            at += 512;
            if (!header.ContainsAnyExcept((byte)0))
                continue;
            header.Slice(148, 8).Fill((byte)' ');
            var sum = 0;
            foreach (var value in header)
                sum += value;
            Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header[148..]);
            var size = Encoding.ASCII.GetString(header.Slice(124, 11));
            if (size.All(digit => digit is >= '0' and <= '7'))
                at += (Convert.ToInt64(size, 8) + 511) / 512 * 512;
        }
        return copy;
    }

    // The same for the chunks of a PNG file.
    public static byte[] WithChunkSums(byte[] image)
    {
        var copy = image.ToArray();
        if (!copy.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']))
            return copy;
        for (var at = 8L; at + 12 <= copy.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(copy.AsSpan((int)at));
            if (at + 12 + length > copy.Length)
                break;
            BinaryPrimitives.WriteUInt32BigEndian(
                copy.AsSpan((int)(at + 8 + length)), Crc32.HashToUInt32(copy.AsSpan((int)at + 4, 4 + (int)length)));
            at += 12 + length;
        }
        return copy;
    }

    public static IEnumerable<T> Chosen<T>(IReadOnlyList<T> all, int? number) =>
        number is { } chosen && all.Count > 0 ? [all[chosen % all.Count]] : all;

    // Reads every element: one out of bounds would show.
    public static long Touch(torch.Tensor tensor)
    {
        tensor.count_nonzero().Dispose();
        return tensor.numel() * tensor.ElementSize;
    }
}
