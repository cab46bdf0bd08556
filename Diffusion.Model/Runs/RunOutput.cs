using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using Diffusion.Model.Training;

namespace Diffusion.Model.Runs;

/// <summary>
/// What a run leaves in its folder while it goes on: rows of the report, checkpoints, averages. A disk that fails does not end it.
/// </summary>
/// <remarks>
/// A checkpoint of step s presupposes the report's rows of all evaluations before s; so a run that is killed at any instant and resumed has
/// every row once.
/// </remarks>
/// <param name="run">The run.</param>
/// <param name="folder">Its folder.</param>
/// <param name="tables">The rows so far: of evaluations, and of steps.</param>
/// <param name="options">How many checkpoints stay, and what the folder remembers.</param>
/// <param name="tell">Called with what is saved, and what cannot be.</param>
internal sealed class RunOutput(
    TrainingRun run, RunFolder folder, (CsvReport Report, StepReport Steps) tables, TrainerOptions options, Action<TrainingEvent> tell)
{
    private readonly Queue<ReportRow> _unwritten = [];

    /// <summary>The checkpoints.</summary>
    public CheckpointStore Store { get; } = new(folder.Checkpoints, options.Keep);

    /// <summary>Why the state of the run is in no checkpoint; null where it is, or nobody tried.</summary>
    public string? Unsaved { get; set; }

    /// <summary>Takes in a row, to be written before the next checkpoint.</summary>
    public void Add(ReportRow row) => _unwritten.Enqueue(row);

    /// <summary>
    /// Keeps averages, before the checkpoint, so that a run that is killed in between keeps them again. One time less is no reason to
    /// stop.
    /// </summary>
    public void KeepEma()
    {
        try
        {
            OutputException.Guard(folder.Ema, () => new EmaArchive(folder.Ema).Keep(run));
        }
        catch (OutputException trouble)
        {
            tell(new TrainingEvent.Warning($"averages of this evaluation are not kept: {trouble.Message}"));
        }
    }

    /// <summary>Writes the rows and a checkpoint. A run goes on without them as long as there is hope for later ones.</summary>
    /// <param name="distance">The distance measured now, if one was.</param>
    /// <param name="pace">How long the run has taken.</param>
    public void Save(double? distance, TrainingPace pace)
    {
        try
        {
            Mend();
            tables.Steps.Flush();
            WriteRows();
            var progress = tables.Report.Progress(pace.Elapsed) with { Steps = pace.Steps, StepSeconds = pace.Training.TotalSeconds };
            var path = "";
            OutputException.Guard(
                folder.Checkpoints,
                () => path = Store.Save(run, distance is { } value && double.IsFinite(value) ? value : null, progress));
            Unsaved = null;
            tell(new TrainingEvent.CheckpointSaved(run.Updates, path));
        }
        catch (OutputException trouble)
        {
            Unsaved = trouble.Message;
            tell(new TrainingEvent.CheckpointFailed(run.Updates, $"{trouble.Message}; earlier ones are intact"));
        }
    }

    /// <summary>Writes the rows of a run that ends here; that it does is the news.</summary>
    public void WriteLastRows()
    {
        try
        {
            WriteRows();
        }
        catch (OutputException)
        {
        }
    }

    /// <summary>A person may remove the folder of a run that is going on; what it knows by heart is written again.</summary>
    /// <returns>Whether something was.</returns>
    public bool Mend()
    {
        try
        {
            var isGone = folder.Mend();
            var lost = new List<string>();
            if (!File.Exists(folder.Recipe))
            {
                folder.Write(run.Recipe);
                lost.Add(RunFolder.RecipeName);
            }
            if (isGone)
                DataPlace.Remember(folder, options.Images, options.Bad);
            if (tables.Report.Mend())
                lost.Add(Path.GetFileName(folder.Report));
            if (tables.Steps.Mend())
                lost.Add(Path.GetFileName(folder.Steps));
            if (isGone)
                tell(new TrainingEvent.FolderMadeAnew(folder.Path));
            else if (lost.Count > 0)
                tell(new TrainingEvent.FilesWrittenAnew(folder.Path, [.. lost]));
            return isGone || lost.Count > 0;
        }
        catch (OutputException trouble)
        {
            tell(new TrainingEvent.Warning(trouble.Message));
            return false;
        }
    }

    // Before any checkpoint, which presupposes them; those that cannot be written now are kept for the next time.
    private void WriteRows()
    {
        for (; _unwritten.TryPeek(out var row); _unwritten.Dequeue())
            tables.Report.Append(row);
    }
}
