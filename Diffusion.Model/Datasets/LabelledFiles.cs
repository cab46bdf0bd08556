using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Images;

namespace Diffusion.Model.Datasets;

/// <summary>Image files with their labels, in a fixed order, and the one way to decode them.</summary>
internal sealed class LabelledFiles : IDisposable
{
    private const int NamesInMessage = 5;

    private readonly IImageFiles _files;
    private readonly ImageFit _fit;
    private readonly ImageEntry[] _entries;

    private LabelledFiles(IImageFiles files, ImageLoading loading)
    {
        (_files, _fit) = (files, loading.Fit);
        ImageEntry[] all = [.. files.List().OrderBy(entry => entry.Name, StringComparer.Ordinal)];
        var root = Root(all, loading.Split);
        ImageEntry[] part = [.. all.Where(entry => entry.Name.StartsWith(root, StringComparison.Ordinal))];
        _entries = loading.Bad == BadImages.Skipped ? Decodable(part) : part;
        Skipped = part.Length - _entries.Length;
        if (_entries.Length == 0)
            throw new InputException(
                files.Place, (root == "" ? "no image" : $"no image in {root}") + (Skipped > 0 ? $" that can be decoded among {Skipped}" : ""),
                "files ending in .png, .jpg, .jpeg, .webp or .bmp");
        var ownName = Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(Path.GetFullPath(files.Place)));
        string[] classes = [.. _entries.Select(entry => ClassOf(entry.Name[root.Length..], ownName))];
        ClassNames = classes.Distinct().Order(StringComparer.Ordinal).ToSequence();
        var numbers = ClassNames.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        Labels = [.. classes.Select(name => numbers[name])];
        Shape = _fit.ShapeFor(ImageDecoder.Decode(NameOf(0), files.Read(_entries[0])));
    }

    /// <summary>The classes, in the order of their labels: that of their names.</summary>
    public Sequence<string> ClassNames { get; }

    /// <summary>The label of each file.</summary>
    public int[] Labels { get; }

    /// <summary>The shape of every image.</summary>
    public ImageShape Shape { get; }

    /// <summary>How many files were left out because they cannot be decoded.</summary>
    public int Skipped { get; }

    /// <summary>How many files.</summary>
    public int Count => _entries.Length;

    /// <summary>Opens a place: all in memory where it fits, else with as much kept as fits.</summary>
    public static IImageSource Open(IImageFiles files, ImageLoading loading)
    {
        LabelledFiles? labelled = null;
        try
        {
            labelled = new(files, loading);
            var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(files.Place));
            var description = new DataDescription(name, loading.Split, labelled.ClassNames, labelled.Origin);
            var size = labelled.Count * labelled.Shape.Size;
            // Labels above a byte only come with sets that are streamed.
            if (size > Min(loading.Memory, Array.MaxLength) || labelled.ClassNames.Count > 256)
                return new StreamedImages(labelled, description, loading.Memory);
            using var done = labelled;
            return labelled.ReadAll(description);
        }
        catch when (labelled is null)
        {
            files.Dispose();
            throw;
        }
    }

    private string Origin => Skipped == 0 ? _files.Place : $"{_files.Place} without {Skipped} that cannot be decoded";

    /// <summary>Reads and decodes one image.</summary>
    /// <param name="index">Its number.</param>
    /// <param name="planes">Receives it, C×H×W.</param>
    /// <exception cref="InputException">It cannot be read, decoded or fitted.</exception>
    public void Decode(int index, Span<byte> planes)
    {
        var place = NameOf(index);
        _fit.Apply(place, ImageDecoder.Decode(place, _files.Read(_entries[index])), Shape).CopyPlanes(0, 0, Shape, planes);
    }

    /// <summary>A hash of what the files are called and how long they are, in order, for sets too large to read twice.</summary>
    public string HashOfList()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var entry in _entries)
            hash.AppendData(Encoding.UTF8.GetBytes($"{entry.Name}\0{entry.Length}\n"));
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    // All that is wrong is said at once: nobody wants to mend a thousand files one run at a time.
    private ImageSet ReadAll(DataDescription description)
    {
        var size = (int)Shape.Size;
        var pixels = new byte[Count * size];
        var refused = new ConcurrentDictionary<int, InputException>();
        Parallel.For(0, Count, index =>
        {
            try
            {
                Decode(index, pixels.AsSpan(index * size, size));
            }
            catch (InputException trouble)
            {
                refused[index] = trouble;
            }
        });
        if (refused.Count == 1)
            throw refused.Values.Single();
        if (!refused.IsEmpty)
        {
            var names = refused.Keys.Order().Take(NamesInMessage).Select(index => _entries[index].Name);
            var more = refused.Count > NamesInMessage ? ", …" : "";
            throw new InputException(_files.Place, $"{refused.Count} of {Count} images unusable ({string.Join(", ", names)}{more})",
                $"images that can all be decoded; of the first: {refused[refused.Keys.Min()].Message.TrimEnd('.')}");
        }
        return ImageSet.Of(description, Shape, pixels, [.. Labels.Select(label => (byte)label)]);
    }

    private ImageEntry[] Decodable(ImageEntry[] entries)
    {
        var usable = new bool[entries.Length];
        Parallel.For(0, entries.Length, index =>
        {
            try
            {
                ImageDecoder.Decode(NameOf(entries[index]), _files.Read(entries[index]));
                usable[index] = true;
            }
            catch (InputException)
            {
                // Counted by its absence.
            }
        });
        return [.. entries.Where((_, index) => usable[index])];
    }

    private string NameOf(int index) => NameOf(_entries[index]);

    private string NameOf(ImageEntry entry) => $"{_files.Place}({entry.Name})";

    // "" where everything is one part.
    private static string Root(ImageEntry[] all, Split split)
    {
        bool Has(string folder) => all.Any(entry => entry.Name.StartsWith(folder, StringComparison.Ordinal));
        var root = split == Split.Train ? "train/" : "test/";
        return Has(root) || Has("train/") || split == Split.Test ? root : "";
    }

    private static string ClassOf(string name, string ownName) => name.IndexOf('/') is > 0 and var end ? name[..end] : ownName;
}
