using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;

namespace Diffusion.Model.Runs;

/// <summary>Carries a run from where it is to its end: trains, and at every evaluation measures, reports and saves.</summary>
/// <remarks>
/// What is measured does not touch what is trained. A run that is stopped or killed at any instant goes on to the same bits.
/// </remarks>
public sealed partial class Trainer : IDisposable
{
    private static readonly TimeSpan Foresight = TimeSpan.FromSeconds(5);

    // By so much of the time that is left, and not less than so long, a forecast has to be wrong to be corrected.
    private const double WrongBy = 0.2;
    private static readonly TimeSpan LeastWrong = TimeSpan.FromMinutes(1);

    private readonly TrainerOptions _options;
    private readonly IRunEvaluation _evaluation;
    private readonly CsvReport _report;
    private readonly StepReport _steps;
    private readonly RunOutput _output;
    private readonly DivergenceCheck _check;
    private readonly TrainingPace _pace;
    private readonly TimeKeeper? _keeper;
    private readonly Queue<TrainingEvent> _begun;
    private Action<TrainingEvent> _tell;
    private EvaluationResult? _latest;
    private double? _recent;
    private DateTimeOffset? _end;

    private Trainer(
        TrainingRun run, TrainingData data, RunFolder folder, TrainerOptions options,
        (RunProgress? Report, Queue<TrainingEvent> Events) before)
    {
        // Before Train nobody listens yet.
        (Run, Folder, _options, _begun, _tell) = (run, folder, options, before.Events, before.Events.Enqueue);
        _evaluation = options.EvaluationOf(run.Recipe, data);
        try
        {
            _report = run.Updates == 0
                ? CsvReport.Create(folder.Report, _evaluation.Columns)
                : CsvReport.Continue(folder.Report, _evaluation.Columns, (run.Updates, run.Schedule), before.Report);
        }
        catch
        {
            _evaluation.Dispose();
            throw;
        }
        _steps = run.Updates == 0 ? StepReport.Create(folder.Steps) : StepReport.Continue(folder.Steps, run.Updates);
        _steps.Trouble = trouble => Tell(new TrainingEvent.Warning(trouble));
        (_output, _check) = (new(run, folder, (_report, _steps), options, Tell), new(run, options.HealthCheckEvery));
        _pace = new(run, options.Clock, _report.Elapsed, before.Report);
        if (options.Time is { } time)
            // Who plans a time says when it ends.
            (_keeper, _end) = (new(time), time.Since is null ? null : options.Clock.GetLocalNow() + time.Whole - Gone);
        Tell(new TrainingEvent.Began(run.Recipe, run.Arena.ParameterCount, run.Device, folder.Path));
        ShowImages(data.Train);
        foreach (var remark in _evaluation.Remarks)
            Tell(new TrainingEvent.Remark(remark));
        if (LearningRateAdvice.Idleness(run.Recipe, run.Updates) is { } idleness)
            Tell(new TrainingEvent.Warning(idleness));
        if (_report.Remark is { } restored)
            Tell(new TrainingEvent.RowsRestored(restored));
        if (_steps.Remark is { } lacking)
            Tell(new TrainingEvent.Remark(lacking));
        // That of an evaluation right here is made again.
        if (_report.Rows == 0 && run.Schedule.IndexAt(Max(run.Updates - 1, 0)) > 0)
            Tell(new TrainingEvent.Warning(
                $"{folder.Report} has no row of the evaluations before step {run.Updates}, and no checkpoint knows any"));
    }

    /// <summary>The run: its recipe, its network, and how far it has come.</summary>
    public TrainingRun Run { get; }

    /// <summary>Where it leaves its results.</summary>
    public RunFolder Folder { get; }

    /// <summary>Works until the recipe is done or someone asks to stop.</summary>
    /// <param name="progress">Receives every event, at once and on this thread where it is no <see cref="Progress{T}"/>.</param>
    /// <param name="stopping">Asks to stop: the step is ended and a checkpoint saved.</param>
    /// <returns>What was measured last, if anything was by now.</returns>
    /// <exception cref="DivergenceException">Training has left the finite numbers.</exception>
    /// <exception cref="IOException">The last checkpoint could not be written, nor any later one.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop; a checkpoint was saved.</exception>
    public EvaluationResult? Train(IProgress<TrainingEvent>? progress = null, CancellationToken stopping = default)
    {
        _tell = progress is null ? _ => { } : progress.Report;
        while (_begun.TryDequeue(out var begun))
            Tell(begun);
        try
        {
            if (Run.Schedule.IsAt(Run.Updates))
                Evaluate(stopping);
            _keeper?.Begin(Run.Updates, Gone);
            while (Run.Updates < Length.Steps)
            {
                TrainToEvaluation(stopping);
                Evaluate(stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            Save(null);
            Leave(RunEnd.Stopped);
            throw;
        }
        catch (Exception trouble) when (trouble is not DivergenceException)
        {
            Rescue();
            throw;
        }
        if (_output.Mend())
            Save(_latest?.SelectionMetric);
        return _output.Unsaved is null ? _latest : throw new IOException(_output.Unsaved);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _report.Dispose();
        _steps.Dispose();
        _evaluation.Dispose();
        Run.Dispose();
        Folder.Dispose();
    }

    // A sheet less is no reason to stop.
    private void ShowImages(IImageSource images)
    {
        if (File.Exists(Folder.DataSheet) || images.Provenance.Shape.Channels is not (1 or 3 or 4))
            return;
        try
        {
            DataSheet.Write(Folder.DataSheet, Run.Recipe, images);
            Tell(new TrainingEvent.Remark($"images as the network sees them: {Folder.DataSheet}"));
        }
        catch (Exception trouble) when (trouble is InputException or OutputException)
        {
            Tell(new TrainingEvent.Warning(trouble.Message));
        }
    }

    private LengthRecipe Length => Run.Recipe.Length;

    private string GoOn => _options.GoOn ?? ResumeLine.Of(Folder.Path);

    private double Epoch => Run.Schedule.EpochAt(Run.Updates);

    private void TrainToEvaluation(CancellationToken stopping)
    {
        Tell(new TrainingEvent.StepsBegan(Run.Updates, Length.Steps));
        for (var end = Run.Schedule.After(Run.Updates); Run.Updates < end;)
        {
            stopping.ThrowIfCancellationRequested();
            if (_pace.Advance().Reduced is { } reduced)
                Tell(new TrainingEvent.MicroBatchReduced(reduced.From, reduced.To, Length.Batch));
            if (StepReport.IsAt(Run.Updates))
                Report(_pace.Timed(Run.CloseInterval));
            if (_check.AfterStep() is { } divergence)
                throw Diverged(divergence);
            Tell(new TrainingEvent.StepMade(Run.Updates, Length.Steps, Loss(), _pace.ImagesPerSecond));
            if (_end is null && _pace.TrainingHere > Foresight && Run.Updates < end)
                Forecast(_evaluation.TryUnit(Run));
            if (_options.CheckpointEvery is { } every && Run.Updates % every == 0 && Run.Updates < end)
                Save(null);
            if (Run.Updates < end && HasNewLength())
                end = Run.Schedule.After(Run.Updates);
        }
    }

    private void Report(TrainingInterval training)
    {
        _recent = training.Loss;
        _steps.Append(training, Run.Schedule.EpochText(Run.Updates), _pace.CloseInterval());
        Tell(new TrainingEvent.StepsReported(Folder.Steps));
    }

    private void Evaluate(CancellationToken stopping)
    {
        if (_report.Has(Run.Updates))
        {
            Run.CloseEpoch();
            return;
        }
        var began = _pace.Elapsed;
        _output.Mend();
        var training = Run.Look();
        if (_check.AtEvaluation(training, concern => Tell(new TrainingEvent.Warning(concern))) is { } divergence)
            throw Diverged(divergence);
        var pace = new Pace(_pace.Elapsed, _pace.ImagesPerSecond);
        var work = _evaluation.WorkAt(Run.Updates).Total;
        _latest = Measure(stopping);
        var measuring = _pace.Elapsed - pace.Elapsed;
        var row = new ReportRow(Epoch, training, pace, _latest, _evaluation.Provenance);
        _output.Add(row);
        Run.CloseEpoch();
        Tell(new TrainingEvent.EvaluationDone(row));
        if (_check.WasSane)
            _output.KeepEma();
        Save(_latest.SelectionMetric);
        Tell(new TrainingEvent.ReportWritten(Folder.Report));
        if (_pace.TrainingHere > Foresight && Run.Updates < Length.Steps)
            Forecast(work > 0 ? measuring / work : null);
        _pace.Reset();
        WasEvaluated(_pace.Elapsed - began);
    }

    private EvaluationResult Measure(CancellationToken stopping)
    {
        var work = _evaluation.WorkAt(Run.Updates);
        Tell(new TrainingEvent.EvaluationBegan(work));
        return _evaluation.Run(Run, new(Folder.Samples(Run.Updates))
        {
            Advanced = done => Tell(new TrainingEvent.EvaluationAdvanced(work, done)),
            Trouble = trouble => Tell(new TrainingEvent.Warning(trouble)),
            Stopping = stopping,
        });
    }

    // That of the last row of steps; of a run that goes on, until there is one, the mean since the last evaluation.
    private double Loss() => _recent ??= _pace.Timed(Run.Look).Loss;

    // Said once, and again where it was far from the truth.
    private void Forecast(TimeSpan? perUnit)
    {
        var forecast = RunForecast.Of(Run.Schedule, Run.Updates, _evaluation, _pace.PerStep, perUnit);
        var end = _options.Clock.GetLocalNow() + forecast.Total;
        if (_end is { } before && (end - before).Duration() < Longer(forecast.Total * WrongBy, LeastWrong))
            return;
        Tell(new TrainingEvent.TimeForecast(forecast, end, _end));
        _end = end;
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private void Save(double? distance) => _output.Save(distance, _pace);

    private DivergenceException Diverged(Divergence divergence)
    {
        if (!_report.Has(Run.Updates))
            _output.Add(new(
                Epoch, divergence.Training, new(_pace.Elapsed, _pace.ImagesPerSecond), new NothingMeasured(), _evaluation.Provenance));
        _output.WriteLastRows();
        return _check.End(divergence, _output.Store, GoOn);
    }

    // Whatever it was, the steps before it are kept; those of an update that failed halfway are no longer any step's.
    private void Rescue()
    {
        try
        {
            if (Run.IsWhole)
                Save(null);
            else
                _output.Unsaved = "an update failed halfway";
            Leave(RunEnd.Failed);
        }
        catch (Exception trouble)
        {
            Tell(new TrainingEvent.CheckpointFailed(Run.Updates, trouble.Message));
        }
    }

    private void Leave(RunEnd end) => Tell(new TrainingEvent.Left(Run.Updates, end, _output.Unsaved is null, GoOn));

    private void Tell(TrainingEvent happened) => _tell(happened);
}
