using System.Text.Json;
using System.Text.Json.Nodes;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Sampling;

namespace Diffusion.Host.Samplers;

/// <summary>What samples of a folder have in common: model, weights, plan, seed, guidance, labels, size. A value.</summary>
/// <param name="Facts">Names and texts, in the order in which they are printed.</param>
internal sealed record SampleFacts(Sequence<(string Name, string Text)> Facts)
{
    /// <summary>The fact that every sample has for itself.</summary>
    public const string First = "first";

    private const int MostBytes = 1 << 20;
    private const int LongestText = 100;

    // Notes of images say nothing of these.
    private static readonly string[] Unnoted = ["weights", "size", "layout", "noise"];

    /// <summary>Those of a sampler.</summary>
    public static SampleFacts Of(ModelSampler sampler, FolderLayout layout) => new(
    [
        .. sampler.Provenance().Where(fact => fact.Name != First),
        .. sampler.Model.WeightsSha256 is { } weights ? [("weights", weights)] : Array.Empty<(string, string)>(),
        ("size", sampler.Shape.ToString()),
        ("layout", layout == FolderLayout.Flat ? "one folder" : "a folder for each thousand"),
        .. sampler.Request.Noise is { } noise ? [("noise", noise.ToString())] : Array.Empty<(string, string)>(),
    ]);

    /// <summary>Those that a file of the folder holds; null where it holds none, such as one that was just made.</summary>
    public static SampleFacts? Read(FileStream record)
    {
        if (record.Length is 0 or > MostBytes)
            return null;
        record.Position = 0;
        var content = new byte[record.Length];
        record.ReadExactly(content);
        try
        {
            return JsonNode.Parse(content) is JsonObject json && json.All(field => field.Value?.GetValueKind() == JsonValueKind.String)
                ? new(json.Select(field => (field.Key, (string)field.Value!)).ToSequence()) : null;
        }
        catch (Exception trouble) when (trouble is JsonException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Those that the notes of a sample say.</summary>
    /// <exception cref="InputException">It is no sample of this program.</exception>
    public static SampleFacts Noted(string file) => AreIn(file)
        ? new(NotesOf(file)!.Where(note => note.Keyword != SheetFile.RequestNote).Select(note => (note.Keyword, note.Text)).ToSequence())
        : throw new InputException(file, "an image that this program did not sample", "a folder without such files");

    /// <summary>Whether a file is a sample of this program, by its notes.</summary>
    public static bool AreIn(string file) =>
        File.Exists(file) && NotesOf(file) is { } notes && notes.Any(note => note.Keyword == SheetFile.RequestNote);

    /// <summary>As JSON.</summary>
    public JsonObject ToJson() => new(Facts.Select(fact => KeyValuePair.Create(fact.Name, (JsonNode?)fact.Text)));

    /// <summary>The first fact that differs, as other samples have it and as these have it; null where they are the same.</summary>
    public (string Found, string Expected)? DifferenceFrom(SampleFacts others)
    {
        var isNoted = others.Facts.All(fact => !Unnoted.Contains(fact.Name));
        foreach (var name in Facts.Concat(others.Facts).Select(fact => fact.Name).Distinct())
            if (!(isNoted && Unnoted.Contains(name)) && TextOf(name) != others.TextOf(name))
                return ($"{name} {Short(others.TextOf(name))}", $"{name} {Short(TextOf(name))}");
        return null;
    }

    private static Sequence<Note>? NotesOf(string file) => PngNotes.Read(OrdinaryFile.ReadAll(file, Array.MaxLength))?.Notes;

    private static string Short(string? text) => text is null ? "none" : PlainText.Elided(PlainText.OneLine(text), LongestText);

    private string? TextOf(string name) => Facts.FirstOrDefault(fact => fact.Name == name).Text;
}
