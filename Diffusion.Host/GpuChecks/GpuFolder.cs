using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Runs;

namespace Diffusion.Host.GpuChecks;

/// <summary>The folder of a check: a file of results, a log and an outcome of each part, written as soon as they are there.</summary>
/// <param name="Path">Where it is.</param>
internal sealed record GpuFolder(string Path)
{
    private const string MarkName = "gpu-check.json";

    /// <summary>The page that sums everything up.</summary>
    public string Summary => this["summary.md"];

    /// <summary>A file of the folder.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>The folder of a new check, or of an earlier one on the same device.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="device">What is checked.</param>
    /// <exception cref="InputException">It holds something else, or a check of another device.</exception>
    /// <exception cref="OutputException">It cannot be written to.</exception>
    public static GpuFolder Open(string path, string device)
    {
        var folder = new GpuFolder(path);
        if (File.Exists(folder[MarkName]))
        {
            if (folder.Json(MarkName)?["device"]?.ToString() is { } before && before != device)
                throw new InputException(path, $"a check of {before}", $"a new or empty folder, or one of {device}");
            return folder;
        }
        RunFolder.RequireNew(path);
        OutputException.Guard(path, () => Directory.CreateDirectory(path));
        folder.Write(MarkName, new JsonObject { ["device"] = device });
        return folder;
    }

    /// <summary>The files of a part.</summary>
    public PartFiles FilesOf(GpuPart part) => new(this[$"{part.Name}.json"], this[$"{part.Name}.log"]);

    /// <summary>What became of a part; null where it was not begun, or was killed.</summary>
    public PartResult? ResultOf(GpuPart part) => Json(OutcomeName(part)) is JsonObject written
        && Enum.TryParse<PartOutcome>(written["outcome"]?.ToString(), true, out var outcome)
            ? new(part.Name, outcome, $"{written["message"]}", (double?)written["seconds"] ?? 0, $"{written["command"]}") : null;

    /// <summary>Writes what became of a part.</summary>
    /// <exception cref="OutputException">It cannot be written.</exception>
    public void Write(GpuPart part, PartResult result) => Write(OutcomeName(part), new JsonObject
    {
        ["outcome"] = result.Outcome.ToString().ToLowerInvariant(),
        ["message"] = result.Message,
        ["seconds"] = Round(result.Seconds, 1),
        ["command"] = result.CommandLine,
    });

    /// <summary>The lines of JSON that a part answered; none where there are none.</summary>
    public Sequence<JsonObject> AnswersOf(string part) => File.Exists(this[$"{part}.json"])
        ? File.ReadLines(this[$"{part}.json"]).Select(Parsed).OfType<JsonObject>().ToSequence() : [];

    /// <summary>Writes a text so that it is never half there.</summary>
    /// <exception cref="OutputException">It cannot be written.</exception>
    public static void Write(string file, string text) =>
        RunFolder.Write(file, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    private static string OutcomeName(GpuPart part) => $"{part.Name}.outcome.json";

    private JsonNode? Json(string name) => File.Exists(this[name]) ? Parsed(File.ReadAllText(this[name])) : null;

    private void Write(string name, JsonObject content) => Write(this[name], content.ToJsonString() + "\n");

    private static JsonNode? Parsed(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
