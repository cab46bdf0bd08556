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

    private static (string Name, byte[] Content)[] Of(Dataset dataset, Split split, int count) => dataset.Layout switch
    {
        CifarLayout layout => [((split == Split.Train ? layout.TrainFiles : layout.TestFile).Replace('*', '1'), Records(layout, count))],
        IdxLayout => [
            (IdxLayout.ImagesFile(split), Idx(2051, [count, dataset.Shape.Height, dataset.Shape.Width],
                [.. Enumerable.Range(0, count).SelectMany(image => Pixels(image, (int)dataset.Shape.Size))])),
            (IdxLayout.LabelsFile(split), Idx(2049, [count],
                [.. Enumerable.Range(0, count).Select(image => (byte)LabelOf(image, dataset.ClassNames.Count))])),
        ],
        var other => throw new ArgumentOutOfRangeException(nameof(dataset), other, "No such layout is made here."),
    };

    private static IEnumerable<byte> Pixels(int image, int size) => Enumerable.Range(0, size).Select(at => PixelOf(image, at));
}
