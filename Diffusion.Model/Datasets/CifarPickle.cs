using System.Text;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Torch;
using Diffusion.Model.Formats.Zip;

namespace Diffusion.Model.Datasets;

/// <summary>The Python version of CIFAR-10 and CIFAR-100: pickled dictionaries of an array of pixels and lists of labels.</summary>
/// <remarks>
/// https://www.cs.toronto.edu/~kriz/cifar.html: under <c>data</c> a uint8 array of N×3072, a row for each image, red plane first. Nothing
/// in the pickle is carried out: classes of numpy are names, and their arguments data.
/// </remarks>
internal static class CifarPickle
{
    private const string Array = "multiarray._reconstruct";
    private const string Bytes = "u1";

    /// <summary>The records of a file as the binary version has them: label bytes, then pixels.</summary>
    /// <param name="file">The file.</param>
    /// <param name="labels">The keys of the lists of labels, in the order of the label bytes.</param>
    /// <param name="pixels">Bytes of an image.</param>
    /// <exception cref="InvalidFileException">It is no such file, or damaged.</exception>
    public static byte[] Records(FileBytes file, Sequence<string> labels, int pixels)
    {
        var storages = new PickleStorages();
        var (content, end) = PickleMachine.Run(
            file, new FileRange(0, file.Length), new ReadBudget(file), storages, PickleVocabulary.Arrays);
        if (end != file.Length)
            throw file.Invalid(end, $"{file.Length - end} bytes follow the pickle");
        if (content is not PickleValue.Dictionary dictionary)
            throw file.Invalid(0, $"the pickle holds {content}; expected a dictionary of data and labels");
        var (start, count) = PixelsIn(file, Find(file, dictionary, "data"), pixels);
        var length = labels.Count + pixels;
        var records = new byte[count * length];
        foreach (var (at, key) in labels.Index())
        {
            if (Find(file, dictionary, key) is not PickleValue.List list || list.Items.Count != count)
                throw file.Invalid(0, $"under '{key}' there is no list of {count} labels");
            for (var record = 0; record < count; record++)
                records[record * length + at] = list.Items[record] is PickleValue.Integer { Value: var label } && label >= 0 && label <= 255
                    ? (byte)label : throw file.Invalid(0, $"the label {list.Items[record]} of image {record} is none");
        }
        for (var record = 0; record < count; record++)
            file.Slice(start + (long)record * pixels, pixels, "pixels").CopyTo(records.AsSpan(record * length + labels.Count));
        return records;
    }

    // The state of a numpy array: version, shape, type, whether columns come first, and the bytes.
    private static (long Start, int Count) PixelsIn(FileBytes file, PickleValue value, int pixels)
    {
        if (value is not PickleValue.Instance { Class: var name, State: PickleValue.Tuple { Items: var state } }
            || !name.EndsWith(Array, StringComparison.Ordinal)
            || state is not [_, PickleValue.Tuple { Items: [PickleValue.Integer rows, PickleValue.Integer columns] },
                PickleValue.Instance { Class: "numpy.dtype", Arguments: [PickleValue.Text { Value: Bytes }, ..] },
                PickleValue.Truth { Value: false }, PickleValue.Bytes bytes])
            throw file.Invalid(0, "under 'data' there is no array of bytes, row by row");
        return rows.Value > 0 && columns.Value == pixels && rows.Value * pixels == bytes.Count
            ? (bytes.Start, (int)rows.Value)
            : throw file.Invalid(bytes.Start, $"an array of {rows}×{columns} in {bytes}; expected {pixels} for each image");
    }

    // Python 3 saves the keys of Python 2 as bytes.
    private static PickleValue Find(FileBytes file, PickleValue.Dictionary dictionary, string key)
    {
        foreach (var (found, value) in dictionary.Entries)
            if (found is PickleValue.Text text ? text.Value == key
                : found is PickleValue.Bytes bytes && bytes.Count == key.Length
                    && file.Slice(bytes.Start, key.Length, "a key").SequenceEqual(Encoding.ASCII.GetBytes(key)))
                return value;
        throw file.Invalid(0, $"the dictionary has no '{key}'");
    }
}
