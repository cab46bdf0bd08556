using System.Globalization;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;
using TorchSharp;

namespace Diffusion.Model.Runs;

/// <summary>What a run folder holds to go on from: its newest good checkpoint, whose files were hashed once, and its recipe.</summary>
public sealed class SavedRun
{
    private readonly Recipe? _written;

    private SavedRun(RunFolder folder, OpenCheckpoint? checkpoint, Recipe? written) =>
        (Folder, Checkpoint, _written) = (folder, checkpoint, written);

    /// <summary>The folder.</summary>
    public RunFolder Folder { get; }

    /// <summary>The checkpoint; null where there is none that is whole, so that the run begins anew.</summary>
    public OpenCheckpoint? Checkpoint { get; }

    /// <summary>What the run was trained by up to here.</summary>
    public Recipe Recipe =>
        Checkpoint?.Header.Recipe ?? _written ?? throw new InputException(Folder.Recipe, "no file", "the recipe of the run");

    /// <summary>Looks into a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="damaged">Called with each newer checkpoint that is damaged and skipped.</param>
    /// <exception cref="InputException">It holds weights alone.</exception>
    /// <exception cref="RecipeException">Its recipe cannot be read.</exception>
    public static SavedRun Find(RunFolder folder, Action<string> damaged)
    {
        var store = new CheckpointStore(folder.Checkpoints);
        var found = store.Open(CheckpointUse.Resume, damaged);
        if (found is not null && !Checkpoints.Checkpoint.CanBeResumed(found.Header))
            throw new InputException(
                folder.Path, "weights only, as written by import, ema and export",
                "a run trained by this program; a new run begins with such weights: "
                + $"{ResumeLine.Call} train --from {ResumeLine.Quoted(folder.Path)}");
        return new(folder, found, File.Exists(folder.Recipe) ? RecipeFile.Read(folder.Recipe) : null);
    }

    /// <summary>The run with some settings changed from here on.</summary>
    /// <param name="changes">The changes.</param>
    /// <param name="steps">Updates in the whole run; null for as many as it had.</param>
    /// <exception cref="InputException">A setting cannot be changed any more, or the file of the recipe was edited.</exception>
    /// <exception cref="RecipeException">A setting does not exist or does not fit.</exception>
    public ResumedRun With(Sequence<RecipeChange> changes, long? steps)
    {
        var resumed = ResumedRecipe.Of(Folder.Recipe, _written, Checkpoint?.Header, changes, steps);
        var length = resumed.Recipe.Length;
        if (Checkpoint?.Header is { } header && length.Steps < header.Updates && length.Steps != header.Recipe.Length.Steps)
            throw new InputException(
                Folder.Path, Invariant($"{LengthRecipe.StepText(header.Updates)} done"),
                Invariant($"fewer than the requested {length.Steps}; --steps is the total of the whole run"));
        return new(Folder, Checkpoint, resumed, _written is null);
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A saved run, and the recipe by which it goes on.</summary>
public sealed class ResumedRun
{
    private readonly ResumedRecipe _resumed;
    private readonly bool _isRecipeGone;

    internal ResumedRun(RunFolder folder, OpenCheckpoint? checkpoint, ResumedRecipe resumed, bool isRecipeGone) =>
        (Folder, Checkpoint, _resumed, _isRecipeGone) = (folder, checkpoint, resumed, isRecipeGone);

    /// <summary>The folder.</summary>
    public RunFolder Folder { get; }

    /// <summary>The checkpoint; null where the run begins anew.</summary>
    public OpenCheckpoint? Checkpoint { get; }

    /// <summary>The recipe by which it goes on.</summary>
    public Recipe Recipe => _resumed.Recipe;

    /// <summary>Puts the checkpoint into a run, and the folder in the order that it had then.</summary>
    /// <returns>What the checkpoint knows of the report; null for nothing.</returns>
    internal RunProgress? Restore(TrainingRun run, TrainerOptions options, Action<TrainingEvent> tell)
    {
        var store = new CheckpointStore(Folder.Checkpoints, options.Keep);
        OutputException.Guard(Folder.Path, () =>
        {
            store.SetAsideAfter(Checkpoint?.Header.Updates ?? -1);
            new EmaArchive(Folder.Ema).ForgetAfter(Checkpoint?.Header.Updates ?? -1);
        });
        RunProgress? progress = null;
        if (Checkpoint is null)
            tell(new TrainingEvent.Warning($"{Folder.Path} has no intact checkpoint: the run starts from step 0"));
        else
            progress = Restore(run, Checkpoint, store, tell);
        if (_isRecipeGone)
            tell(new TrainingEvent.Warning($"{Folder.Recipe} is missing; restored from the checkpoint"));
        Folder.Write(Recipe);
        DataPlace.Remember(Folder, options.Images, options.Bad);
        return progress;
    }

    private RunProgress? Restore(TrainingRun run, OpenCheckpoint checkpoint, CheckpointStore store, Action<TrainingEvent> tell)
    {
        Checkpoints.Checkpoint.Restore(run, checkpoint);
        tell(new TrainingEvent.Resumed(run.Updates));
        foreach (var change in _resumed.Changes)
            tell(new TrainingEvent.Remark(change));
        var (header, device, threads) = (checkpoint.Header, run.Device.type.ToString().ToLowerInvariant(), torch.get_num_threads());
        if (header.Threads != threads || header.Device != device)
            tell(new TrainingEvent.Warning(
                $"resumed on {device} with {Threads(threads)} (was {header.Device} with {Threads(header.Threads)}): "
                + "equivalent, not bit-identical"));
        var progress = ProgressOf(checkpoint, tell) ?? store.EarlierProgress(checkpoint.Folder);
        // What was asked for is kept, should the run be killed before its next checkpoint.
        if (_resumed.IsAnother)
            OutputException.Guard(checkpoint.Folder, () => store.Save(run, progress: progress));
        return progress;
    }

    private static RunProgress? ProgressOf(OpenCheckpoint checkpoint, Action<TrainingEvent> tell)
    {
        try
        {
            return Checkpoints.Checkpoint.ReadProgress(checkpoint.Folder);
        }
        catch (IOException damage)
        {
            tell(new TrainingEvent.Warning($"{damage.Message}; the report is taken as it is"));
            return null;
        }
    }

    private static string Threads(int count) => Counted.Of(count, "thread");
}
