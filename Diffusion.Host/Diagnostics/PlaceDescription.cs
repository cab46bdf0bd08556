using System.Globalization;
using System.Text.Json.Nodes;
using Diffusion.Host.Displays;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using Diffusion.Model.Formats;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Interchange.Diffusers;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Diagnostics;

/// <summary>What a file or folder holds, for a person and for a script. Weights are read, and not hashed.</summary>
/// <param name="Kind">What it is, in a few words.</param>
/// <param name="Facts">What is known besides the tensors.</param>
/// <param name="Tensors">
/// The file with the tensors: of a folder, the weights that samples are drawn from; null where there are none.
/// </param>
public sealed record PlaceDescription(string Kind, Sequence<(string Name, string Text)> Facts, FileDescription? Tensors)
{
    /// <summary>Which tensors are listed: of a file that was named all of them, of a folder none, where nobody asks.</summary>
    public TensorListing Listing { get; init; }

    /// <summary>Describes a file, a checkpoint, a run folder or a folder of diffusers.</summary>
    /// <exception cref="InputException">It is none of them.</exception>
    /// <exception cref="InvalidFileException">It is damaged.</exception>
    public static PlaceDescription Of(string path)
    {
        if (File.Exists(path))
            return FileFacts.Of(path) ?? OfTensors(FileFacts.TensorsIn(path), path);
        if (!Directory.Exists(path))
            throw new InputException(path, "no such file or folder", "a file or folder with tensors");
        if (File.Exists(Path.Combine(path, Checkpoint.HeaderName)))
            return OfCheckpoint(path);
        if (RunSummary.IsRun(path))
            return RunFacts.Of(RunSummary.Read(path));
        return DiffusersFolder.WeightsIn(path) is { } weights
            ? new(
                "diffusers",
                [("weights", Path.GetRelativePath(path, weights)), .. DiffusersFolder.Settings(path), .. NumberFacts.Of(weights)],
                FileFormats.Describe(weights))
            : throw new InputException(path, InsideOf(path), "a run, a checkpoint or a folder of diffusers");
    }

    /// <summary>What the size of the file with the tensors is called: of a folder they are only a part.</summary>
    public string SizeName { get; init; } = "size";

    /// <summary>Lines for a person.</summary>
    public string Text()
    {
        (string Name, string Text)[] facts =
        [
            ("kind", Kind),
            .. Facts,
            .. Tensors is null ? [] : new[]
            {
                (SizeName, ByteCount.Text(Tensors.ByteCount)), (IsNumpy(Tensors) ? "arrays" : "tensors", Number(Tensors.Tensors.Count)),
            },
            .. Tensors is null || IsNumpy(Tensors) ? []
                : new[] { ("parameters", Tensors.ElementCount.ToString("N0", CultureInfo.InvariantCulture)) },
            .. (Tensors?.Notes ?? []).Select(note => (note.Name, note.Text)),
        ];
        var listed = Listed.Select(tensor => (tensor.Name, Text: $"{tensor.Type} {tensor.Shape}")).ToList();
        return listed.Count > 0 ? $"{Table(facts)}\n\n{Table(listed)}" : Table(facts);
    }

    /// <summary>An object for a script.</summary>
    public JsonObject Json()
    {
        var json = new JsonObject { ["kind"] = Kind };
        var facts = new JsonObject();
        foreach (var (name, text) in Facts)
            facts[name] = facts[name] is { } other ? $"{other}; {text}" : text;
        json["facts"] = facts;
        if (Tensors is null)
            return json;
        json["bytes"] = Tensors.ByteCount;
        json[IsNumpy(Tensors) ? "elements" : "parameters"] = Tensors.ElementCount;
        json["notes"] = new JsonArray([.. Tensors.Notes.Select(note => new JsonObject { ["name"] = note.Name, ["text"] = note.Text })]);
        if (Listing == TensorListing.All)
            json["tensors"] = new JsonArray([.. Listed.Select(tensor => new JsonObject
            {
                ["name"] = tensor.Name,
                ["type"] = tensor.Type.ToString(),
                ["shape"] = new JsonArray([.. tensor.Shape.ToArray().Select(size => (JsonNode)size)]),
            })]);
        return json;
    }

    private Sequence<TensorDescription> Listed => Listing == TensorListing.All ? Tensors?.Tensors ?? [] : [];

    // Checkpoints or averages, one of which is meant.
    private static string InsideOf(string folder)
    {
        var inner = Directory.EnumerateDirectories(folder)
            .Where(path => File.Exists(Path.Combine(path, Checkpoint.HeaderName)) || RunSummary.IsRun(path))
            .Concat(Directory.EnumerateFiles(folder, $"*{Safetensors.Extension}")).Order(StringComparer.Ordinal).ToList();
        return inner.Count == 0
            ? "a folder without tensors"
            : string.Create(
                CultureInfo.InvariantCulture, $"a folder that holds {inner.Count} of what info describes, such as {inner[^1]}");
    }

    // Their arrays are seldom weights.
    private static bool IsNumpy(FileDescription file) => file.Format is FileFormat.Npy or FileFormat.Npz;

    private static string KindOf(FileFormat format) => format switch
    {
        FileFormat.Npy => "NumPy array",
        FileFormat.Npz => "NumPy arrays",
        _ => format.ToString(),
    };

    private static PlaceDescription OfTensors(FileDescription file, string path) => new(
        KindOf(file.Format), [.. FileFacts.OfArrays(file), .. IsNumpy(file) ? [] : NumberFacts.Of(path)], file)
    {
        Listing = TensorListing.All,
    };

    private static PlaceDescription OfCheckpoint(string folder)
    {
        var header = Checkpoint.ReadHeader(folder);
        var weights = Path.Combine(folder, Checkpoint.EmaName(0));
        return new(
            "checkpoint",
            [
                ("recipe", header.Recipe.Name), ("step", Number(header.Updates)), ("device", header.Device),
                ("files", string.Join(", ", header.Files.Select(file => file.Name))), ("weights", Checkpoint.EmaName(0)),
                .. NumberFacts.Of(weights),
            ],
            FileFormats.Describe(weights));
    }

    private static string Table(IReadOnlyCollection<(string Name, string Text)> rows)
    {
        // Names of tensors and notes may hold anything: each row stays one line.
        var plain = rows.Select(row => (Name: PlainText.Name(row.Name), Text: PlainText.Name(row.Text))).ToList();
        var width = plain.Select(row => row.Name.Length).DefaultIfEmpty().Max();
        return string.Join('\n', plain.Select(row => $"{row.Name.PadRight(width)}  {row.Text}"));
    }

    private static string Number(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}

/// <summary>Whether tensors are listed one by one.</summary>
public enum TensorListing
{
    /// <summary>Only counted.</summary>
    None,

    /// <summary>With name, type and shape.</summary>
    All,
}
