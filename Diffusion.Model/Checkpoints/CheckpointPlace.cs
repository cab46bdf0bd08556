using Diffusion.Model.Files;

namespace Diffusion.Model.Checkpoints;

/// <summary>Where a person says a trained network is: a run folder, or a checkpoint.</summary>
internal static class CheckpointPlace
{
    private const string Expected = "the folder of a run or of a checkpoint";

    /// <summary>The checkpoint, or the latest whole one of a run, to sample from. The run may go on meanwhile.</summary>
    /// <param name="path">The run folder or the checkpoint's folder.</param>
    /// <param name="damaged">Called with each newer checkpoint that is damaged and skipped.</param>
    /// <exception cref="InputException">There is neither run nor checkpoint, or no whole checkpoint.</exception>
    /// <exception cref="InvalidFileException">The checkpoint is damaged.</exception>
    public static OpenCheckpoint Find(string path, Action<string> damaged)
    {
        if (File.Exists(Path.Combine(path, Checkpoint.HeaderName)))
            return Checkpoint.Open(path, CheckpointUse.Sample);
        if (!Directory.Exists(path))
            throw new InputException(path, File.Exists(path) ? "a file" : "no such file or folder", Expected);
        var store = Path.Combine(path, CheckpointStore.FolderName);
        if (File.Exists(store))
            throw new InputException(store, "a file", "a folder");
        if (!Directory.Exists(store))
            throw new InputException(path, "a folder without checkpoints", Expected);
        var passed = new List<string>();
        var found = new CheckpointStore(store).Open(CheckpointUse.Sample, passed.Add);
        if (found is null)
            throw new InputException(
                path, $"a run without an intact checkpoint{(passed is [var newest, ..] ? $" ({newest.TrimEnd('.')})" : "")}", Expected);
        passed.ForEach(damaged);
        return found;
    }
}
