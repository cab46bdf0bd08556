using System.Diagnostics;
using System.Globalization;
using Diffusion.Host.Charts;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Displays;
using Diffusion.Host.Options;
using Diffusion.Host.Runs;
using Diffusion.Host.TensorBoard;
using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;

namespace Diffusion.Host.Training;

/// <summary>Carries a run from where it is to its end: train, and at every evaluation measure, report and save.</summary>
/// <remarks>
/// A checkpoint of step s presupposes the report's rows of all evaluations before s; so a run that is killed at any instant and resumed has every
/// row once. What is measured does not touch what is trained.
/// </remarks>
/// <param name="run">The run, new or restored.</param>
/// <param name="folder">Where it leaves its results.</param>
/// <param name="evaluation">What happens at an evaluation.</param>
/// <param name="report">The rows so far.</param>
/// <param name="options">How often it saves, and how long it took before.</param>
public sealed class TrainingJob(TrainingRun run, RunFolder folder, IEpochEvaluation evaluation, CsvReport report, JobOptions options)
{
    // At the end of a run so many skipped steps in a row mean that it diverged.
    private const long Few = 5;

    // Adam seldom bears more.
    private const double Highest = 1e-3;

    private static readonly TimeSpan Foresight = TimeSpan.FromSeconds(5);

    private readonly CheckpointStore _store = new(folder.Checkpoints, options.Keep);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Stopwatch _training = new();
    private long _measuredFrom = run.Updates;
    private readonly Queue<EpochReport> _unwritten = [];
    private EpochFindings? _latest;
    private string? _unsaved;
    private bool _wasSane = true;

    private LengthRecipe Length => run.Recipe.Length;

    /// <summary>Works until the recipe is done or someone asks to stop.</summary>
    /// <returns>What was measured last, if this session measured.</returns>
    /// <exception cref="OutputException">The last checkpoint could not be written, nor any later one.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop; a checkpoint was saved.</exception>
    public EpochFindings? Work(Session session, IProgressDisplay display)
    {
        try
        {
            if (run.Schedule.IsAt(run.Updates))
                Close(session, display);
            while (run.Updates < Length.Steps)
            {
                Train(session, display);
                Close(session, display);
            }
        }
        catch (OperationCanceledException) when (session.Stopping.IsCancellationRequested)
        {
            Save(session, null);
            Leave(session, "stopped");
            throw;
        }
        catch (Exception trouble) when (trouble is not DivergenceException)
        {
            Rescue(session);
            throw;
        }
        finally
        {
            _clock.Stop();
        }
        if (Mend(session))
            Save(session, _latest?.Badness);
        return _unsaved is null ? _latest : throw new IOException(_unsaved);
    }

    private void Leave(Session session, string how)
    {
        var from = _unsaved is null ? "" : " from its last intact checkpoint";
        session.Say(string.Create(CultureInfo.InvariantCulture, $"{how} at step {run.Updates}; continue{from} with: {options.GoOn ?? ResumeLine.Of(folder.Path)}"));
    }

    // Whatever it was, the steps before it are kept; those of an update that failed halfway are no longer any step's.
    private void Rescue(Session session)
    {
        try
        {
            if (run.IsWhole)
                Save(session, null);
            else
                _unsaved = "an update failed halfway";
            Leave(session, "failed");
        }
        catch (Exception trouble)
        {
            session.Warn($"no checkpoint of step {run.Updates}: {trouble.Message}");
        }
    }

    private void Train(Session session, IProgressDisplay display)
    {
        using var activity = display.Begin(new("training", "steps", run.Updates, Length.Steps));
        var told = _measuredFrom != run.Updates || report.Rows > 0;
        for (var end = run.Schedule.After(run.Updates); run.Updates < end;)
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
                $"out of memory at batch {(before > 0 ? before : Length.Batch)}: continuing with micro-batches of {Length.MicroBatch}, same effective batch of {Length.Batch}"));
    }

    private void Close(Session session, IProgressDisplay display)
    {
        if (report.Has(run.Updates))
        {
            run.CloseEpoch();
            return;
        }
        Mend(session);
        var training = run.Look();
        Judge(session, training);
        var pace = new Pace(Elapsed, ImagesPerSecond);
        using (var activity = display.Begin(evaluation.Work(run.Updates)))
            _latest = evaluation.Run(run, new(folder.Samples(run.Updates), trouble => session.Warn(trouble.Message)), activity, session.Stopping);
        _unwritten.Enqueue(new(run.Schedule.EpochAt(run.Updates), training, pace, _latest, evaluation.Provenance));
        run.CloseEpoch();
        session.Say(Line(run.Schedule.EpochText(run.Updates), training, pace, _latest));
        if (_wasSane)
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
            OutputException.Guard(folder.Ema, () => new EmaArchive(folder.Ema).Keep(run));
        }
        catch (OutputException trouble)
        {
            session.Warn($"EMA snapshot not written: {trouble.Message}");
        }
    }

    private void Illustrate(Session session)
    {
        foreach (var file in new[] { folder.Curves, folder.CurvesAsLines })
            Try(file, () => PlotFile.At(file).Save(new CurveSheet([RunCurves.Read(folder.Path)]).Sheet), session);
        if (options.Events is { } events)
            Try(events.Folder, () => events.Follow(folder), session);
    }

    // A run is worth more than its images: whatever goes wrong, down to a missing native library, is only told.
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
            Mend(session);
            WriteRows();
            OutputException.Guard(folder.Checkpoints, () => _store.Save(run, distance is { } value && double.IsFinite(value) ? value : null, report.Progress(Elapsed)));
            _unsaved = null;
        }
        catch (OutputException trouble)
        {
            _unsaved = trouble.Message;
            session.Warn(string.Create(CultureInfo.InvariantCulture, $"no checkpoint of step {run.Updates}: {trouble.Message}; earlier ones are intact"));
        }
    }

    // Before any checkpoint, which presupposes them; those that cannot be written now are kept for the next time.
    private void WriteRows()
    {
        for (; _unwritten.TryPeek(out var row); _unwritten.Dequeue())
            report.Append(row);
    }

    // A person may remove the folder of a run that is going on; what it knows by heart is written again.
    private bool Mend(Session session)
    {
        try
        {
            var isGone = folder.Mend();
            var lost = new List<string>();
            if (!File.Exists(folder.Recipe))
            {
                RunFolder.Write(folder.Recipe, stream => RecipeFile.Write(stream, run.Recipe));
                lost.Add(RunFolder.RecipeName);
            }
            if (isGone)
                DataPlace.Remember(folder, options.Images);
            if (report.Mend())
                lost.Add(Path.GetFileName(folder.Report));
            if (isGone)
                session.Warn($"{folder.Path} was removed while training: it is there again, with the recipe and the report, but without what else it held");
            else if (lost.Count > 0)
                session.Warn($"{folder.Path}: {string.Join(" and ", lost)} was deleted and has been written again");
            return isGone || lost.Count > 0;
        }
        catch (OutputException trouble)
        {
            session.Warn(trouble.Message);
            return false;
        }
    }

    private TimeSpan Elapsed => options.Before + _clock.Elapsed;

    // So many steps in a row without a finite gradient end a run: fewer of a short one.
    private long TooMany => Min(options.HealthCheckEvery, Max(Length.Steps / 4, Few));

    private bool IsAtEnd => run.Updates >= Length.Steps;

    // Steps that were skipped have changed no number, so a checkpoint from in between is as good as any.
    private void Watch()
    {
        if (run.Updates % TooMany == 0 && run.Look() is var training && training.SkippedInARow >= TooMany)
            throw Diverged(training, "gradients were not finite");
    }

    // At the end of an epoch. Weights that are finite may still come back, so that they have an epoch for it, unless it was the last one.
    private void Judge(Session session, TrainingReport training)
    {
        if (training.SkippedInARow >= (IsAtEnd ? Min(Few, Length.Steps) : TooMany))
            throw Diverged(training, "gradients were not finite");
        var found = run.HeldOutLoss();
        if (!found.IsSane && (found.Value is null || IsAtEnd || !_wasSane))
            throw Diverged(training, found.Text);
        _wasSane = found.IsSane;
        if (!found.IsSane)
            session.Warn(string.Create(CultureInfo.InvariantCulture, $"step {run.Updates} may have diverged, {found.Text}: its checkpoint is not marked as good"));
    }

    private DivergenceException Diverged(TrainingReport training, string why)
    {
        if (!report.Has(run.Updates))
        {
            _unwritten.Enqueue(new(run.Schedule.EpochAt(run.Updates), training, new(Elapsed, ImagesPerSecond), new NoFindings(), evaluation.Provenance));
            try
            {
                WriteRows();
            }
            catch (OutputException)
            {
                // That it diverged is the news.
            }
        }
        var skipped = training.Skipped > 0 ? string.Create(CultureInfo.InvariantCulture, $", {training.Skipped} steps skipped") : "";
        var where = run.FirstBrokenParameter() is { } name ? $"; {name}" : "";
        var way = _store.Latest(_ => { }) is { } good ? $"the last good checkpoint is {Path.GetFileName(good)}" : "there is no good checkpoint, so it starts from step 0";
        var rate = Lower(run.Recipe.Optimiser.Rate).ToString("0.##E-0", CultureInfo.InvariantCulture).ToLowerInvariant();
        return new(string.Create(CultureInfo.InvariantCulture,
            $"the run diverged by step {run.Updates}{skipped}: {why}{where}; {way}; at a lower rate: {options.GoOn ?? ResumeLine.Of(folder.Path)} --set optimiser.rate.peak={rate}"));
    }

    private static double Lower(LearningRate rate) => Min(Highest, Peak(rate) / 10);

    private static double Peak(LearningRate rate) => rate switch
    {
        LearningRate.WarmUp warmUp => warmUp.Peak,
        LearningRate.WarmUpCosine cosine => cosine.Peak,
        LearningRate.WarmUpLinear linear => linear.Peak,
        LearningRate.InverseSquareRoot root => root.Peak,
        _ => throw new UnreachableException(),
    };

    private bool Foretell(Session session)
    {
        var perStep = _training.Elapsed / (run.Updates - _measuredFrom);
        session.Say(string.Create(CultureInfo.InvariantCulture,
            $"{perStep.TotalMilliseconds:0} ms per step: training takes about {Duration.Text(perStep * (Length.Steps - run.Updates))}, plus {run.Schedule.CountText}"));
        return true;
    }

    private string Detail() => string.Create(CultureInfo.InvariantCulture, $"loss {run.Look().Loss:0.0000}{Rate(ImagesPerSecond)}");

    // A run that was stopped between an epoch's last step and its samples makes no step of that epoch when it goes on.
    private double? ImagesPerSecond =>
        run.Updates > _measuredFrom ? (run.Updates - _measuredFrom) * Length.Batch / Max(_training.Elapsed.TotalSeconds, 1e-9) : null;

    private static string Rate(double? imagesPerSecond) =>
        imagesPerSecond is { } images ? string.Create(CultureInfo.InvariantCulture, $", {images:0} images/s") : "";

    private static string Line(string epoch, TrainingReport training, Pace pace, EpochFindings found) => string.Create(CultureInfo.InvariantCulture,
        $"epoch {epoch}: step {training.Updates}, loss {training.Loss:0.0000}{Rate(pace.ImagesPerSecond)}, {found.Text}, {Duration.Text(pace.Elapsed)}");
}

/// <summary>How a job is carried out, which changes nothing about its results.</summary>
/// <param name="CheckpointEvery">Updates between checkpoints besides those of evaluations, or null for none.</param>
/// <param name="Before">How long the run took in earlier sessions.</param>
public sealed record JobOptions(long? CheckpointEvery, TimeSpan Before)
{
    /// <summary>How many of the latest checkpoints stay, beside the best one; at least 1.</summary>
    public int Keep { get; init => field = Require.AtLeast(value, 1); } = TrainOptions.DefaultKeep;

    /// <summary>The command line that goes on with the run; the shortest one where none is given.</summary>
    public string? GoOn { get; init; }

    /// <summary>The place of the images, which the run folder remembers; null where it does not.</summary>
    public string? Images { get; init; }

    /// <summary>Event files that follow the report, where they were asked for.</summary>
    public EventFolder? Events { get; init; }

    /// <summary>Updates between two looks at whether gradients are still finite; so many bad ones in a row end the run.</summary>
    public long HealthCheckEvery { get; init => field = Require.AtLeast(value, 1); } = 50;
}
