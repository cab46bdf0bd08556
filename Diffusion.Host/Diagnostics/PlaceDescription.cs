using System.Globalization;
using System.Text.Json.Nodes;
using Diffusion.Host.Displays;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using Diffusion.Model.Formats;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Interchange.Diffusers;

namespace Diffusion.Host.Diagnostics;

/// <summary>What a file or folder with tensors holds, for a person and for a script.</summary>
/// <param name="Kind">What it is, in a few words.</param>
/// <param name="Facts">What is known besides the tensors.</param>
/// <param name="Tensors">The file with the tensors: of a folder, the weights that samples are drawn from.</param>
public sealed record PlaceDescription(string Kind, Sequence<(string Name, string Text)> Facts, FileDescription Tensors)
{
    /// <summary>Describes a file, a checkpoint, a run folder or a folder of diffusers.</summary>
    /// <exception cref="InputException">It is none of them.</exception>
    /// <exception cref="InvalidFileException">It is damaged.</exception>
    public static PlaceDescription Of(string path)
    {
        if (File.Exists(path))
            return Of(FileFormats.Describe(path));
        if (!Directory.Exists(path))
            throw new InputException(path, "no such file or folder", "a file or folder with tensors");
        if (File.Exists(Path.Combine(path, Checkpoint.HeaderName)))
            return OfCheckpoint("checkpoint", path);
        if (Directory.Exists(Path.Combine(path, CheckpointStore.FolderName)))
            return OfCheckpoint("run", new CheckpointStore(Path.Combine(path, CheckpointStore.FolderName)).Latest(_ => { })
                ?? throw new InputException(path, "a run without an intact checkpoint", "one that can be sampled from"));
        return DiffusersFolder.WeightsIn(path) is { } weights
            ? new(
                "diffusers", [("weights", Path.GetRelativePath(path, weights)), .. DiffusersFolder.Settings(path)],
                FileFormats.Describe(weights))
            : throw new InputException(path, "a folder without tensors", "a run, a checkpoint or a folder of diffusers");
    }

    /// <summary>Lines for a person.</summary>
    public string Text()
    {
        (string Name, string Text)[] facts =
        [
            ("kind", Kind),
            .. Facts,
            ("size", ByteCount.Text(Tensors.ByteCount)),
            ("tensors", Number(Tensors.Tensors.Count)),
            ("parameters", Tensors.ElementCount.ToString("N0", CultureInfo.InvariantCulture)),
            .. Tensors.Notes.Select(note => (note.Name, note.Text)),
        ];
        var tensors = Tensors.Tensors.Select(tensor => (tensor.Name, Text: $"{tensor.Type} {tensor.Shape}")).ToList();
        return $"{Table(facts)}\n\n{Table(tensors)}";
    }

    /// <summary>An object for a script.</summary>
    public JsonObject Json() => new()
    {
        ["kind"] = Kind,
        ["facts"] = new JsonObject(Facts.Select(fact => KeyValuePair.Create(fact.Name, (JsonNode?)fact.Text))),
        ["bytes"] = Tensors.ByteCount,
        ["parameters"] = Tensors.ElementCount,
        ["notes"] = new JsonArray([.. Tensors.Notes.Select(note => new JsonObject { ["name"] = note.Name, ["text"] = note.Text })]),
        ["tensors"] = new JsonArray([.. Tensors.Tensors.Select(tensor => new JsonObject
        {
            ["name"] = tensor.Name,
            ["type"] = tensor.Type.ToString(),
            ["shape"] = new JsonArray([.. tensor.Shape.ToArray().Select(size => (JsonNode)size)]),
        })]),
    };

    private static PlaceDescription Of(FileDescription file) => new(file.Format.ToString(), [], file);

    private static PlaceDescription OfCheckpoint(string kind, string folder)
    {
        var header = Checkpoint.ReadHeader(folder);
        return new(
            kind,
            [
                ("recipe", header.Recipe.Name), ("step", Number(header.Updates)), ("device", header.Device),
                ("files", string.Join(", ", header.Files.Select(file => file.Name))), ("weights", Checkpoint.EmaName(0)),
            ],
            FileFormats.Describe(Path.Combine(folder, Checkpoint.EmaName(0))));
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
