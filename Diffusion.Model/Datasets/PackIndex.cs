using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Images;

namespace Diffusion.Model.Datasets;

/// <summary>What a pack says of its images; see <see cref="PackFormat"/>.</summary>
/// <param name="Shape">The shape of every image.</param>
/// <param name="Parts">The training images and, where there are some, those to test on.</param>
internal sealed record PackIndex(ImageShape Shape, Sequence<PackPart> Parts)
{
    private const int LargestSide = 1 << 16;
    private const int MostClasses = 1 << 24;

    // What a text takes in memory besides its characters.
    private const int TextCost = 64;

    /// <summary>Reads the index of a file, and nothing else of it.</summary>
    /// <exception cref="InvalidFileException">The file is no pack, or its index is damaged.</exception>
    public static PackIndex Read(FileBytes file)
    {
        if (file.Length < PackFormat.Start || !file.Slice(0, PackFormat.Magic.Length, "the beginning").SequenceEqual(PackFormat.Magic))
            throw file.Invalid(0, "this is no pack of images");
        if (file.UInt32(8, "the version") is var version and not PackFormat.Version)
            throw file.Invalid(8, $"version {version} of the format, of which this program reads version {PackFormat.Version}");
        var (index, json) = (file.UInt64(PackFormat.Places, "the index"), file.UInt64(PackFormat.Places + 8, "the index"));
        if (index < PackFormat.Start || json < index || json - index > (ulong)file.Length || json >= (ulong)file.Length)
            throw file.Invalid(
                PackFormat.Places, $"the index is said to be at byte {index}, but the file has {file.Length}: it was cut off");
        if (!file.Slice(PackFormat.Hash, PackFormat.PreludeEnd - PackFormat.Hash, "the hash")
            .SequenceEqual(PackFormat.HashOf(file, (long)index)))
            throw file.Invalid((long)index, "the index does not have its SHA-256");
        if (file.Length - (long)json > int.MaxValue)
            throw file.Invalid((long)json, "the index is longer than any description");
        var budget = new ReadBudget(file);
        var (shape, parts) = Described(new JsonCursor(file, budget, (long)json, (int)(file.Length - (long)json)), budget);
        var count = parts.Sum(part => (long)part.Count);
        if ((Int128)count * shape.Size + PackFormat.Start != index || (Int128)count * PackFormat.OfAnImage + index != json)
            throw file.Invalid((long)json, $"{count} images of {shape} do not fill the file");
        var (images, labels, checksums) = ((long)PackFormat.Start, (long)index, (long)index + count * sizeof(int));
        var placed = new List<PackPart>();
        foreach (var part in parts)
        {
            placed.Add(part with { Start = images });
            file.Slice(labels, part.Count * sizeof(int), "the labels").CopyTo(MemoryMarshal.AsBytes(part.Labels.AsSpan()));
            file.Slice(checksums, part.Count * sizeof(ulong), "the checksums").CopyTo(MemoryMarshal.AsBytes(part.Checksums.AsSpan()));
            if (Array.FindIndex(part.Labels, label => label < 0 || label >= part.Description.ClassNames.Count) is >= 0 and var wrong)
                throw file.Invalid(labels + wrong * sizeof(int),
                    $"the label {part.Labels[wrong]} of {Counted.Of(part.Description.ClassNames.Count, "class", "classes")}");
            images += part.Count * shape.Size;
            labels += part.Count * sizeof(int);
            checksums += part.Count * sizeof(ulong);
        }
        return new(shape, placed.ToSequence());
    }

    private static (ImageShape Shape, List<PackPart> Parts) Described(JsonCursor json, ReadBudget budget)
    {
        ImageShape? shape = null;
        List<PackPart>? parts = null;
        if (!json.NextIs(JsonTokenType.StartObject))
            throw json.Wrong("the index must be a JSON object");
        while (json.NextKey() is { } key)
        {
            if (key == "shape" && shape is null)
                shape = ShapeOf(ref json);
            else if (key == "parts" && parts is null)
                parts = PartsOf(ref json, budget);
            else
                throw json.Wrong($"'{key}' does not belong into the index, or not twice");
        }
        return shape is { } found && parts is not null ? (found, parts) : throw json.Wrong("the index says no shape, or no parts");
    }

    private static ImageShape ShapeOf(ref JsonCursor json)
    {
        Span<long> sizes = stackalloc long[3];
        var count = json.Numbers(sizes, "shape", "images");
        return count == 3 && sizes[0] is 1 or 3 or 4 && sizes[1] is >= 1 and <= LargestSide && sizes[2] is >= 1 and <= LargestSide
            && sizes[0] * sizes[1] * sizes[2] <= int.MaxValue
            ? new((int)sizes[0], (int)sizes[1], (int)sizes[2]) : throw json.Wrong("the shape must be 1, 3 or 4 channels, rows and columns");
    }

    private static List<PackPart> PartsOf(ref JsonCursor json, ReadBudget budget)
    {
        var parts = new List<PackPart>();
        if (!json.NextIs(JsonTokenType.StartArray))
            throw json.Wrong("the parts must be a list");
        while (!json.NextIs(JsonTokenType.EndArray))
        {
            if (parts.Count == 2)
                throw json.Wrong("there are more than two parts");
            parts.Add(PartOf(ref json, budget, parts.Count == 0 ? Split.Train : Split.Test));
        }
        return parts.Count > 0 ? parts : throw json.Wrong("there is no part");
    }

    private static PackPart PartOf(ref JsonCursor json, ReadBudget budget, Split split)
    {
        var texts = new Dictionary<string, string>();
        var (count, classes) = (0L, (List<string>?)null);
        Span<long> number = stackalloc long[1];
        while (json.NextKey() is { } key)
        {
            if (key == "images" && count == 0)
                count = json.Numbers(number, "number", key) == 1 ? number[0] : 0;
            else if (key == "classes" && classes is null)
                classes = Names(ref json, budget);
            else if (PackPart.Texts.Contains(key) && json.NextIs(JsonTokenType.String))
                texts[key] = json.Text();
            else
                throw json.Wrong($"'{key}' does not belong to a part, or not like this");
        }
        if (count is < 1 or > PackFormat.MostImages)
            throw json.Wrong($"a part must have 1 to {PackFormat.MostImages} images, not {count}");
        if (classes is not { Count: > 0 } || PackPart.Texts.Any(text => !texts.ContainsKey(text)))
            throw json.Wrong($"a part must have classes, {string.Join(", ", PackPart.Texts)}");
        foreach (var hash in new[] { "sha256", "pixels" })
            if (texts[hash].Length != 64 || !texts[hash].All(char.IsAsciiHexDigitLower))
                throw json.Wrong($"{hash} must be 64 hexadecimal digits");
        // Before its arrays take memory: the file has as much of each image.
        budget.Charge(count, PackFormat.OfAnImage, json.Here);
        return new(
            new(texts["name"], split, classes.ToSequence(), texts["origin"])
            {
                LabelSource = texts["labels"], Fitted = texts["fitted"], LeftOut = texts["left out"],
            }, (int)count, texts["sha256"], texts["pixels"]);
    }

    private static List<string> Names(ref JsonCursor json, ReadBudget budget)
    {
        var names = new List<string>();
        if (!json.NextIs(JsonTokenType.StartArray))
            throw json.Wrong("the classes must be a list");
        while (json.Next() && json.Type == JsonTokenType.String)
        {
            if (names.Count == MostClasses)
                throw json.Wrong(string.Create(CultureInfo.InvariantCulture, $"there are more than {MostClasses} classes"));
            budget.Charge(TextCost, json.Here);
            budget.Add(names, json.Text(), json.Here);
        }
        return json.Type == JsonTokenType.EndArray ? names : throw json.Wrong("the classes must be texts");
    }
}

/// <summary>A part of a pack.</summary>
/// <param name="Description">What the images are.</param>
/// <param name="Count">How many.</param>
/// <param name="Sha256">The hash of pixels and labels; see <see cref="Provenance"/>.</param>
/// <param name="PixelsSha256">The hash of shape and pixels; see <see cref="ImageDigest"/>.</param>
internal sealed record PackPart(DataDescription Description, int Count, string Sha256, string PixelsSha256)
{
    /// <summary>What is said of a part in words.</summary>
    public static Sequence<string> Texts => ["name", "origin", "labels", "fitted", "left out", "sha256", "pixels"];

    /// <summary>Where its images begin.</summary>
    public long Start { get; init; }

    /// <summary>One of each image.</summary>
    public int[] Labels { get; } = new int[Count];

    /// <summary>One of each image.</summary>
    public ulong[] Checksums { get; } = new ulong[Count];

    /// <summary>What a number measured on the images carries along.</summary>
    /// <param name="path">The file.</param>
    /// <param name="shape">The shape of an image.</param>
    public Provenance ProvenanceOf(string path, ImageShape shape)
    {
        var described = Description with { Origin = $"{path}, packed from {Description.Origin}" };
        return new(described, shape, Count, Sha256) { PixelsSha256 = PixelsSha256 };
    }
}
