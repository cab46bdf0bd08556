using System.Text;
using System.Text.Json;
using Diffusion.Math.Json;
using Diffusion.Model.Files;

namespace Diffusion.Model.Runs;

/// <summary>
/// How often a run saves checkpoints besides those after evaluations, and how many stay: <c>checkpoints.json</c> of its folder.
/// </summary>
/// <remarks>It is no part of the recipe, since no number of the run depends on it.</remarks>
/// <param name="Every">Updates between two checkpoints; null for those after evaluations alone.</param>
/// <param name="Keep">How many of the latest checkpoints stay, beside the best one.</param>
public sealed record CheckpointPolicy(long? Every, int Keep = TrainerOptions.DefaultKeep)
{
    private const string Name = "checkpoints.json";

    /// <summary>Remembers it in a run folder; what is usual leaves no file.</summary>
    /// <param name="run">The run folder.</param>
    /// <exception cref="OutputException">It cannot be written.</exception>
    public void Remember(RunFolder run)
    {
        var path = Path.Combine(run.Path, Name);
        if (this != new CheckpointPolicy((long?)null) || File.Exists(path))
            RunFolder.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(UnionJson.Write(this) + "\n")));
    }

    /// <summary>That of a run; the usual one where it remembers none.</summary>
    /// <param name="run">The path of the run folder.</param>
    public static CheckpointPolicy Of(string run)
    {
        try
        {
            var found = UnionJson.Read<CheckpointPolicy>(OrdinaryFile.ReadText(Path.Combine(run, Name)));
            return found is { Every: null or > 0, Keep: > 0 } ? found : new CheckpointPolicy((long?)null);
        }
        // What cannot be read is as good as nothing: the options say it again.
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException or JsonException)
        {
            return new CheckpointPolicy((long?)null);
        }
    }
}
