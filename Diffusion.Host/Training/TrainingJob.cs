using System.Diagnostics;
using System.Globalization;
using Diffusion.Host.Charts;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Displays;
using Diffusion.Host.Runs;
using Diffusion.Host.TensorBoard;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;

namespace Diffusion.Host.Training;

/// <summary>Carries a run from where it is to its end: train, and after every epoch measure, report and save.</summary>
/// <remarks>
/// A checkpoint of step s presupposes the report's rows of all epochs before s; so a run that is killed at any instant and resumed has every
/// row once. What is measured does not touch what is trained.
/// </remarks>
/// <param name="run">The run, new or restored.</param>
/// <param name="folder">Where it leaves its results.</param>
/// <param name="evaluation">What happens after an epoch.</param>
/// <param name="report">The rows so far.</param>
/// <param name="options">How often it saves, and how long it took before.</param>
public sealed class TrainingJob(TrainingRun run, RunFolder folder, IEpochEvaluation evaluation, CsvReport report, JobOptions options)
{
    private static readonly TimeSpan Foresight = TimeSpan.FromSeconds(5);

    private readonly CheckpointStore _store = new(folder.Checkpoints, options.Keep);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Stopwatch _training = new();
    private long _measuredFrom = run.Updates;
    private readonly Queue<EpochReport> _unwritten = [];
    private EpochFindings? _latest;
    private string? _unsaved;

    private LengthRecipe Length => run.Recipe.Length;

    /// <summary>Works until the recipe is done or someone asks to stop.</summary>
    /// <returns>What was measured last, if this session measured.</returns>
    /// <exception cref="OutputException">The last checkpoint could not be written, nor any later one.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop; a checkpoint was saved.</exception>
    public EpochFindings? Work(Session session, IProgressDisplay display)
    {
        try
        {
            if (run.Updates > 0 && run.Updates % Length.StepsPerEpoch == 0)
                Close(Epoch, session, display);
            while (run.Updates < Length.Steps)
            {
                Train(session, display);
                Close(Epoch, session, display);
            }
        }
        catch (OperationCanceledException) when (session.Stopping.IsCancellationRequested)
        {
            Save(session, null);
            var from = _unsaved is null ? "" : " from its last whole checkpoint";
            session.Say(string.Create(CultureInfo.InvariantCulture, $"stopped at step {run.Updates}; go on{from} with --resume {folder.Path}"));
            throw;
        }
        finally
        {
            _clock.Stop();
        }
        return _unsaved is null ? _latest : throw new IOException(_unsaved);
    }

    private int Epoch => (int)((run.Updates + Length.StepsPerEpoch - 1) / Length.StepsPerEpoch);

    private long EndOfEpoch => Min((run.Updates / Length.StepsPerEpoch + 1) * Length.StepsPerEpoch, Length.Steps);

    private void Train(Session session, IProgressDisplay display)
    {
        using var activity = display.Begin(new("training", "steps", run.Updates, Length.Steps));
        var told = _measuredFrom != run.Updates || report.Rows > 0;
        for (var end = EndOfEpoch; run.Updates < end;)
        {
            session.Stopping.ThrowIfCancellationRequested();
            Advance(session);
            Watch();
            activity.Report(run.Updates, Detail);
            if (!told && _training.Elapsed > Foresight)
                told = Foretell(session);
            if (options.CheckpointEvery is { } every && run.Updates % every == 0 && run.Updates < end)
                Save(session, null);
        }
    }

    private void Advance(Session session)
    {
        var before = Length.MicroBatch;
        _training.Start();
        run.Advance();
        _training.Stop();
        if (Length.MicroBatch != before)
            session.Warn(string.Create(CultureInfo.InvariantCulture,
                $"memory is too short for {(before > 0 ? before : Length.Batch)} pictures at once: from now on {Length.MicroBatch}, with the same updates of {Length.Batch}"));
    }

    private void Close(int epoch, Session session, IProgressDisplay display)
    {
        if (report.Rows >= epoch)
        {
            run.CloseEpoch();
            return;
        }
        var training = run.Look();
        var pace = new Pace(options.Before + _clock.Elapsed, ImagesPerSecond);
        using (var activity = display.Begin(evaluation.Work(epoch)))
            _latest = evaluation.Run(run, epoch, new(folder.Samples(epoch), trouble => session.Warn(trouble.Message)), activity, session.Stopping);
        _unwritten.Enqueue(new(epoch, training, pace, _latest, evaluation.Provenance));
        run.CloseEpoch();
        session.Say(Line(epoch, training, pace, _latest));
        KeepAverages(session);
        Save(session, _latest.Badness);
        Illustrate(session);
        _measuredFrom = run.Updates;
        _training.Reset();
    }

    // Before the checkpoint, so that a run that is killed in between keeps them again. One time less is no reason to stop.
    private void KeepAverages(Session session)
    {
        try
        {
            OutputException.Guard(folder.Averages, () => new AverageArchive(folder.Averages).Keep(run));
        }
        catch (OutputException trouble)
        {
            session.Warn($"averages of this epoch are not kept: {trouble.Message}");
        }
    }

    private void Illustrate(Session session)
    {
        foreach (var file in new[] { folder.Curves, folder.CurvesAsLines })
            Try(file, () => PlotFile.At(file).Save(new CurveSheet([RunCurves.Read(folder.Path)]).Sheet), session);
        if (options.Events is { } events)
            Try(events.Folder, () => events.Follow(folder), session);
    }

    // A run is worth more than its pictures: whatever goes wrong, down to a missing native library, is only told.
    private static void Try(string place, Action write, Session session)
    {
        try
        {
            write();
        }
        catch (Exception trouble)
        {
            session.Warn($"no {place}: {trouble.Message}");
        }
    }

    // A run goes on without its checkpoints as long as there is hope for a later one.
    private void Save(Session session, double? distance)
    {
        try
        {
            WriteRows();
            OutputException.Guard(folder.Checkpoints, () => _store.Save(run, distance is { } value && double.IsFinite(value) ? value : null));
            _unsaved = null;
        }
        catch (OutputException trouble)
        {
            _unsaved = trouble.Message;
            session.Warn(string.Create(CultureInfo.InvariantCulture, $"no checkpoint of step {run.Updates}: {trouble.Message}; earlier ones are whole"));
        }
    }

    // Before any checkpoint, which presupposes them; those that cannot be written now are kept for the next time.
    private void WriteRows()
    {
        for (; _unwritten.TryPeek(out var row); _unwritten.Dequeue())
            report.Append(row);
    }

    // Steps that were skipped have changed no number, so a checkpoint from in between is as good as any.
    private void Watch()
    {
        if (run.Updates % options.HealthCheckEvery != 0 || run.Look() is not { SkippedInARow: var row } || row < options.HealthCheckEvery)
            return;
        var broken = run.FirstBrokenParameter() is { } name ? $", first in {name}" : "";
        var way = _store.Latest(_ => { }) is { } good ? $"the last good checkpoint is {good}" : "there is no checkpoint yet";
        throw new DivergenceException(string.Create(CultureInfo.InvariantCulture,
            $"the last {row} steps up to {run.Updates} were skipped, for their gradients were not finite numbers{broken}; {way}"));
    }

    private bool Foretell(Session session)
    {
        var perStep = _training.Elapsed / (run.Updates - _measuredFrom);
        session.Say(string.Create(CultureInfo.InvariantCulture,
            $"{perStep.TotalMilliseconds:0} ms per step: training takes about {Duration.Text(perStep * (Length.Steps - run.Updates))}, and {evaluation.Work(Epoch).Name} after each of {(Length.Steps + Length.StepsPerEpoch - 1) / Length.StepsPerEpoch} epochs comes on top"));
        return true;
    }

    private string Detail() => string.Create(CultureInfo.InvariantCulture, $"loss {run.Look().Loss:0.0000}{Rate(ImagesPerSecond)}");

    // A run that was stopped between an epoch's last step and its samples makes no step of that epoch when it goes on.
    private double? ImagesPerSecond =>
        run.Updates > _measuredFrom ? (run.Updates - _measuredFrom) * Length.Batch / Max(_training.Elapsed.TotalSeconds, 1e-9) : null;

    private static string Rate(double? imagesPerSecond) =>
        imagesPerSecond is { } images ? string.Create(CultureInfo.InvariantCulture, $", {images:0} images/s") : "";

    private static string Line(int epoch, TrainingReport training, Pace pace, EpochFindings found) => string.Create(CultureInfo.InvariantCulture,
        $"epoch {epoch}: step {training.Updates}, loss {training.Loss:0.0000}{Rate(pace.ImagesPerSecond)}, {found.Text}, {Duration.Text(pace.Elapsed)}");
}

/// <summary>How a job is carried out, which changes nothing about its results.</summary>
/// <param name="CheckpointEvery">Updates between checkpoints within an epoch, or null for none.</param>
/// <param name="Before">How long the run took in earlier sessions.</param>
public sealed record JobOptions(long? CheckpointEvery, TimeSpan Before)
{
    /// <summary>How many of the latest checkpoints stay, beside the best one; at least 1.</summary>
    public int Keep { get; init => field = Require.AtLeast(value, 1); } = Commands.TrainOptions.DefaultKeep;

    /// <summary>Event files that follow the report, where they were asked for.</summary>
    public EventFolder? Events { get; init; }

    /// <summary>Updates between two looks at whether gradients are still finite; so many bad ones in a row end the run.</summary>
    public long HealthCheckEvery { get; init => field = Require.AtLeast(value, 1); } = 50;
}
