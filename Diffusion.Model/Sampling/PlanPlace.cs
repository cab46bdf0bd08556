using System.Text;
using System.Text.Json;
using Diffusion.Math.PlanFiles;
using Diffusion.Math.Plans;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;

namespace Diffusion.Model.Sampling;

/// <summary>Where plans are: in files, and beside models in the folder <c>plans</c> of their run.</summary>
public static class PlanPlace
{
    /// <summary>The folder of a run that holds its own plans.</summary>
    public const string FolderName = "plans";

    /// <summary>What a file of a plan ends in.</summary>
    public const string Extension = ".json";

    private const long Largest = 64 << 20;
    private const int LongestReason = 200;
    private const string Expected = "a plan, as the command plan writes it with -o";

    /// <summary>Reads a file: a plan, or the answer of <c>plan --json</c>.</summary>
    /// <exception cref="InputException">It holds none.</exception>
    public static PlanDocument Read(string path)
    {
        try
        {
            if (!File.Exists(path))
                throw new InputException(path, Directory.Exists(path) ? "a folder" : "no such file or folder", Expected);
            return PlanDocument.Parse(Encoding.UTF8.GetString(OrdinaryFile.ReadAll(path, Largest)).TrimStart('\uFEFF'));
        }
        catch (JsonException fault)
        {
            var reason = fault.Message.Split(" LineNumber:")[0]
                .Replace("$.", "", StringComparison.Ordinal).Replace("$", "the plan", StringComparison.Ordinal);
            // What a plan is refused for, or where and why the text is none.
            var kind = fault.InnerException is ArgumentException ? "a plan that cannot be used" : "no plan";
            throw new InputException(
                path, $"{kind}: {PlainText.Elided(PlainText.OneLine(reason).TrimEnd('.'), LongestReason)}", Expected, fault);
        }
        catch (Exception trouble) when (trouble is IOException and not InputException or UnauthorizedAccessException)
        {
            throw new InputException(path, "a file that cannot be read", Expected, trouble);
        }
    }

    /// <summary>Writes the file, whole or not at all.</summary>
    /// <exception cref="OutputException">It cannot be written.</exception>
    public static void Write(string path, PlanDocument plan) => OutputException.Guard(path, () =>
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(TextOf(plan)))));

    /// <summary>The file's text.</summary>
    public static string TextOf(PlanDocument plan) => $"{plan.ToJson().ToJsonString(Indented)}\n";

    /// <summary>JSON of several lines.</summary>
    public static JsonSerializerOptions Indented { get; } = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>The plan that a person names beside a model.</summary>
    /// <param name="place">A file, or one of the model's own plans by its name or number of network calls.</param>
    /// <param name="model">The model.</param>
    /// <exception cref="InputException">There is none.</exception>
    public static (string Path, SamplerPlan Plan) Find(string place, TrainedModel model)
    {
        if (IsFile(place) || File.Exists(place))
            return (place, Read(place).Plan);
        var own = Of(model);
        if (own.FirstOrDefault(path => Path.GetFileNameWithoutExtension(path) == place) is { } named)
            return (named, Read(named).Plan);
        if (int.TryParse(place, out var calls))
            foreach (var path in own)
                if (Read(path).Plan is var plan && plan.NetworkCalls == calls)
                    return (path, plan);
        var known = own.Select(Path.GetFileNameWithoutExtension).ToList();
        throw new InputException("plan", place.Trim('.', ' ').Length > 0 ? place : $"'{place}'", known.Count == 0
            ? $"a {Extension} file: the model has no plans of its own"
            : $"a {Extension} file, or one of the model's plans, {string.Join(", ", known)}");
    }

    /// <summary>The files of the model's own plans, by name.</summary>
    public static Sequence<string> Of(TrainedModel model) =>
        FolderOf(model) is { } folder && Directory.Exists(folder)
            ? Directory.GetFiles(folder, $"*{Extension}").Order(StringComparer.Ordinal).ToSequence() : [];

    /// <summary>The folder of the model's own plans, which may not exist; null for a model that is in no folder.</summary>
    public static string? FolderOf(TrainedModel model)
    {
        if (model.Checkpoint is not { } checkpoint)
            return null;
        // Beside the checkpoint, or beside the folder of a run's checkpoints.
        var above = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(checkpoint)))!;
        return Path.Combine(
            Path.GetFileName(above) == CheckpointStore.FolderName ? Path.GetDirectoryName(above) ?? above : above, FolderName);
    }

    /// <summary>Whether a word is meant as a file.</summary>
    public static bool IsFile(string word) =>
        word.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) || word.Contains('/') || word.Contains(Path.DirectorySeparatorChar);
}
