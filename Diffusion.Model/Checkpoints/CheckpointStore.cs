using System.Globalization;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;
using TorchSharp;

namespace Diffusion.Model.Checkpoints;

/// <summary>The checkpoints of one run: the latest few, and the one with the smallest distance.</summary>
/// <param name="folder">Where they are; created when the first one is saved.</param>
/// <param name="keep">How many of the latest ones stay; at least 1.</param>
public sealed class CheckpointStore(string folder, int keep = 3)
{
    /// <summary>The name of this folder inside that of its run.</summary>
    public const string FolderName = "checkpoint";

    private const string Prefix = "step-";
    private const string AsidePrefix = "aside-";

    private readonly int _keep = Require.AtLeast(keep, 1);

    /// <summary>Saves the run as it is, and forgets what need not be kept. A step that was saved before is replaced.</summary>
    /// <param name="run">The run.</param>
    /// <param name="distance">The distance measured now; where none was, the one that was measured at this step before stays.</param>
    /// <param name="progress">The report so far; where there is none, the one that was saved at this step before stays.</param>
    /// <returns>The checkpoint's folder.</returns>
    /// <exception cref="IOException">It could not be written; older checkpoints are untouched.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written there; older checkpoints are untouched.</exception>
    public string Save(TrainingRun run, double? distance = null, RunProgress? progress = null)
    {
        DirectoryEntry.Create(folder);
        RemovePartial();
        var path = PathOf(run.Updates);
        Checkpoint.Save(run, path, distance ?? DistanceOf(path), progress ?? ProgressOf(path));
        Prune();
        return path;
    }

    /// <summary>Saves weights that came from elsewhere, as a checkpoint from which samples can be drawn but no run resumed.</summary>
    /// <param name="network">The weights.</param>
    /// <param name="recipe">What is known of their training.</param>
    /// <param name="updates">Updates that made them; 0 where nobody knows.</param>
    /// <param name="precision">The type that the weights are rounded to.</param>
    /// <returns>The checkpoint's folder.</returns>
    /// <exception cref="IOException">It could not be written, or there is one already.</exception>
    public string Save(torch.nn.Module network, Recipe recipe, long updates = 0, Precision precision = Precision.Float32)
    {
        DirectoryEntry.Create(folder);
        var path = PathOf(updates);
        Checkpoint.Save(network, recipe, updates, path, precision);
        return path;
    }

    /// <summary>The newest checkpoint that is whole and good; newer ones that are not are skipped and reported.</summary>
    /// <param name="damaged">Called with the message of each of them.</param>
    /// <returns>Its folder, or null where there is none.</returns>
    public string? Latest(Action<string> damaged) => Open(CheckpointUse.Resume, damaged)?.Folder;

    /// <summary>
    /// The newest checkpoint that is good and whole as far as it is needed; newer ones that are not are skipped and reported.
    /// </summary>
    /// <param name="use">What it is opened for.</param>
    /// <param name="damaged">
    /// Called with the message of each that is skipped, and that an earlier one is used, once it is found.
    /// </param>
    /// <returns>The checkpoint, or null where there is none.</returns>
    public OpenCheckpoint? Open(CheckpointUse use, Action<string> damaged)
    {
        var passed = new List<string>();
        foreach (var path in Newest())
            try
            {
                var found = Checkpoint.Open(path, use);
                if (found.Header is { IsGood: false, HeldOut: { } broken })
                {
                    passed.Add($"{path} has diverged, {broken.Text}");
                    continue;
                }
                passed.ForEach(problem => damaged($"{problem.TrimEnd('.')}; using the previous checkpoint"));
                return found;
            }
            catch (IOException problem)
            {
                passed.Add(problem.Message);
            }
        passed.ForEach(damaged);
        return null;
    }

    /// <summary>What the newest checkpoint before this one knows of the report; null where none knows anything.</summary>
    /// <param name="checkpoint">Its folder.</param>
    public RunProgress? EarlierProgress(string checkpoint) =>
        Newest().SkipWhile(path => string.CompareOrdinal(path, checkpoint) >= 0)
            .Select(ProgressOf).FirstOrDefault(found => found is not null);

    /// <summary>
    /// Moves the checkpoints after a step, which a run that goes on from there makes anew, out of its way; they stay in the same
    /// folder.
    /// </summary>
    /// <param name="updates">The step; -1 for all of them.</param>
    /// <exception cref="IOException">One could not be moved.</exception>
    /// <exception cref="UnauthorizedAccessException">One may not be moved.</exception>
    public void SetAsideAfter(long updates)
    {
        var last = PathOf(updates);
        foreach (var path in Newest().TakeWhile(path => string.CompareOrdinal(path, last) > 0).ToList())
        {
            var aside = Path.Combine(folder, $"{AsidePrefix}{Path.GetFileName(path)}");
            if (Directory.Exists(aside))
                Directory.Delete(aside, recursive: true);
            Directory.Move(path, aside);
        }
    }

    private string PathOf(long updates) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{updates:D9}"));

    private IEnumerable<string> Newest() =>
        Directory.Exists(folder)
            ? Directory.EnumerateDirectories(folder, $"{Prefix}*").Where(
                path => !path.EndsWith(AtomicFile.PartialExtension, StringComparison.Ordinal)).OrderDescending(StringComparer.Ordinal)
            : [];

    // Those that diverged, or cannot be read, count for nothing: only the newest of all is left for a look at it.
    private void Prune()
    {
        string[] all = [.. Newest()];
        string[] good = [.. all.Where(path => HeaderOf(path) is { IsGood: true })];
        var best = good.MinBy(path => DistanceOf(path) ?? double.PositiveInfinity);
        foreach (var path in all.Skip(1).Except(good.Take(_keep)).Where(path => path != best || DistanceOf(path) is null))
            Directory.Delete(path, recursive: true);
    }

    // What an interrupted save or removal left behind.
    private void RemovePartial()
    {
        foreach (var path in Directory.EnumerateDirectories(folder, $"*{AtomicFile.PartialExtension}"))
            Directory.Delete(path, recursive: true);
    }

    private static double? DistanceOf(string path) => HeaderOf(path)?.Distance;

    private static CheckpointHeader? HeaderOf(string path)
    {
        try
        {
            return Checkpoint.ReadHeader(path);
        }
        catch (InvalidFileException)
        {
            return null;
        }
    }

    private static RunProgress? ProgressOf(string path)
    {
        try
        {
            return Checkpoint.ReadProgress(path);
        }
        catch (InvalidFileException)
        {
            return null;
        }
    }
}
