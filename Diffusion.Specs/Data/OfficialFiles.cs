using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using Diffusion.Model.Datasets;

namespace Diffusion.Specs.Data;

/// <summary>Makes files as a data set's publisher lays them out, with images and labels that a spec can work out.</summary>
internal static class OfficialFiles
{
    /// <summary>The label of an image: every class comes, and none is that of its neighbours.</summary>
    public static int LabelOf(int image, int classes) => (7 * image + 3) % classes;

    /// <summary>A byte of an image, plane by plane, row by row.</summary>
    public static byte PixelOf(int image, int at) => (byte)((31 * image + at) % 251);

    /// <summary>Writes both parts into a folder; a part of no images is left out.</summary>
    public static void Write(Dataset dataset, string folder, int train, int test)
    {
        foreach (var (split, count) in new[] { (Split.Train, train), (Split.Test, test) }.Where(part => part.Item2 > 0))
            foreach (var (name, content) in Of(dataset, split, count))
                File.WriteAllBytes(Path.Combine(folder, name), content);
    }

    /// <summary>Writes both parts of a CIFAR set as the official archive.</summary>
    public static void WriteArchive(Dataset dataset, string path, int train, int test)
    {
        var layout = (CifarLayout)dataset.Layout;
        using var tar = new TarWriter(new GZipStream(File.Create(path), CompressionLevel.Fastest));
        foreach (var (name, content) in Of(dataset, Split.Train, train).Concat(Of(dataset, Split.Test, test)).Append(("readme.html", [1])))
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"{layout.FolderInArchive}/{name}")
            {
                DataStream = new MemoryStream(content),
            });
    }

    /// <summary>The records of a CIFAR file: the label bytes that are not the class count up from 0.</summary>
    public static byte[] Records(CifarLayout layout, int count) =>
        [.. Enumerable.Range(0, count).SelectMany(image => layout.Labels
            .Select((label, at) => (byte)(at == layout.Label ? LabelOf(image, label.Classes) : image % label.Classes))
            .Concat(Pixels(image, 3072)))];

    /// <summary>A file in IDX format.</summary>
    public static byte[] Idx(int magic, int[] dimensions, byte[] content)
    {
        var header = new byte[4 * (1 + dimensions.Length)];
        foreach (var (at, value) in dimensions.Prepend(magic).Index())
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 * at), value);
        return [.. header, .. content];
    }

    /// <summary>A file of SVHN: each array deflated, as MATLAB saves them; rows of pixels vary fastest, and the digit 0 is 10.</summary>
    public static byte[] Mat(int count)
    {
        var images = Enumerable.Range(0, count).SelectMany(image => Enumerable.Range(0, 3072).Select(at =>
            PixelOf(image, at / 1024 * 1024 + at % 32 * 32 + at / 32 % 32))).ToArray();
        byte[] labels = [.. Enumerable.Range(0, count).Select(image => (byte)(LabelOf(image, 10) is 0 ? 10 : LabelOf(image, 10)))];
        return [.. MatHeader, .. Deflated(MatArray("X", 9, [32, 32, 3, count], images)), .. Deflated(MatArray("y", 9, [count, 1], labels))];
    }

    public static byte[] MatHeader => [.. System.Text.Encoding.ASCII.GetBytes("MATLAB 5.0 MAT-file".PadRight(124)), 0, 1, .. "IM"u8];

    /// <summary>A matrix of bytes as an element of a MATLAB file.</summary>
    public static byte[] MatArray(string name, byte kind, int[] dimensions, byte[] data)
    {
        byte[] inner =
        [
            .. Element(6, [kind, 0, 0, 0, 0, 0, 0, 0]), .. Element(5, [.. dimensions.SelectMany(BitConverter.GetBytes)]),
            .. Element(1, System.Text.Encoding.ASCII.GetBytes(name)), .. Element(2, data),
        ];
        return [.. BitConverter.GetBytes(14), .. BitConverter.GetBytes(inner.Length), .. inner];
    }

    /// <summary>The same as MATLAB deflates it.</summary>
    public static byte[] Deflated(byte[] element)
    {
        using var stream = new MemoryStream();
        using (var zlib = new ZLibStream(stream, CompressionLevel.Fastest, leaveOpen: true))
            zlib.Write(element);
        return [.. BitConverter.GetBytes(15), .. BitConverter.GetBytes((int)stream.Length), .. stream.ToArray()];
    }

    // Up to four bytes stand in the tag; more are filled up to a multiple of eight.
    private static byte[] Element(short type, byte[] data) => data.Length is > 0 and <= 4
        ? [.. BitConverter.GetBytes(type), .. BitConverter.GetBytes((short)data.Length), .. data, .. new byte[4 - data.Length]]
        : [.. BitConverter.GetBytes((int)type), .. BitConverter.GetBytes(data.Length), .. data, .. new byte[(8 - data.Length % 8) % 8]];

    /// <summary>A file of CIFAR's Python version, as Python 2 pickled it with protocol 2.</summary>
    public static byte[] Pickle(CifarLayout layout, int count)
    {
        var records = Records(layout, count);
        var length = layout.Labels.Count + 3072;
        byte[] Short(string text) => [(byte)'U', (byte)text.Length, .. System.Text.Encoding.ASCII.GetBytes(text)];
        byte[] pixels = [.. Enumerable.Range(0, count).SelectMany(image =>
            records.Skip(image * length + layout.Labels.Count).Take(3072))];
        byte[] dtype =
        [
            .. Files.Pickler.Call(Files.Pickler.Global("numpy", "dtype"), Short("u1"), [(byte)'K', 0], [(byte)'K', 1]),
            .. Files.Pickler.Tuple([(byte)'K', 3], Short("|"), [(byte)'N'], [(byte)'N'], [(byte)'N'], Files.Pickler.Number(-1),
                Files.Pickler.Number(-1), [(byte)'K', 0]), (byte)'b',
        ];
        byte[] array =
        [
            .. Files.Pickler.Call(Files.Pickler.Global("numpy.core.multiarray", "_reconstruct"), Files.Pickler.Global("numpy", "ndarray"),
                Files.Pickler.Tuple([(byte)'K', 0]), Short("b")),
            .. Files.Pickler.Tuple([(byte)'K', 1], Files.Pickler.Tuple(Files.Pickler.Number(count), Files.Pickler.Number(3072)), dtype,
                [0x89], [(byte)'T', .. BitConverter.GetBytes(pixels.Length), .. pixels]), (byte)'b',
        ];
        return Files.Pickler.Program(Files.Pickler.Dictionary(
        [
            Short("batch_label"), Short("training batch 1 of 5"),
            .. layout.Python.Labels.Index().SelectMany(key => (byte[][])[Short(key.Item), Files.Pickler.List(
                [.. Enumerable.Range(0, count).Select(image => (byte[])[(byte)'K', records[image * length + key.Index]])])]),
            Short("data"), array,
        ]));
    }

    private static (string Name, byte[] Content)[] Of(Dataset dataset, Split split, int count) => dataset.Layout switch
    {
        CifarLayout layout => [((split == Split.Train ? layout.TrainFiles : layout.TestFile).Replace('*', '1'), Records(layout, count))],
        IdxLayout => [
            (IdxLayout.ImagesFile(split), Idx(2051, [count, dataset.Shape.Height, dataset.Shape.Width],
                [.. Enumerable.Range(0, count).SelectMany(image => Pixels(image, (int)dataset.Shape.Size))])),
            (IdxLayout.LabelsFile(split), Idx(2049, [count],
                [.. Enumerable.Range(0, count).Select(image => (byte)LabelOf(image, dataset.ClassNames.Count))])),
        ],
        SvhnLayout => [(SvhnLayout.FileOf(split), Mat(count))],
        var other => throw new ArgumentOutOfRangeException(nameof(dataset), other, "No such layout is made here."),
    };

    private static IEnumerable<byte> Pixels(int image, int size) => Enumerable.Range(0, size).Select(at => PixelOf(image, at));
}
