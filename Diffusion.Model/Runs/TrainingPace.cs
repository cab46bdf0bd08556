using Diffusion.Model.Checkpoints;
using Diffusion.Model.Training;

namespace Diffusion.Model.Runs;

/// <summary>How long a run takes, and how fast it trains.</summary>
/// <param name="run">The run.</param>
/// <param name="clock">What tells the time.</param>
/// <param name="before">How long it took before it was resumed.</param>
/// <param name="saved">What its checkpoint knows of the steps since the last evaluation, or null.</param>
internal sealed class TrainingPace(TrainingRun run, TimeProvider clock, TimeSpan before, RunProgress? saved = null)
{
    private readonly long _began = clock.GetTimestamp();
    private readonly Watch _training = new(clock);
    private readonly Watch _interval = new(clock);
    private TimeSpan _trainingDone;
    private TimeSpan _trainingBefore = saved?.Training ?? TimeSpan.Zero;
    private long _from = run.Updates - (saved?.StepsOf(run.Updates) ?? 0);
    private long _fromHere = run.Updates;
    private long _intervalFrom = run.Updates;

    /// <summary>Since the run began, without the time between a stop and a resume.</summary>
    public TimeSpan Elapsed => before + clock.GetElapsedTime(_began);

    /// <summary>Time spent in steps since the last evaluation, and in waiting for what they compute.</summary>
    public TimeSpan Training => _trainingBefore + _training.Elapsed;

    /// <summary>Steps since the last evaluation.</summary>
    public long Steps => run.Updates - _from;

    /// <summary>Time spent in steps since the last evaluation, here: not before the run was resumed.</summary>
    public TimeSpan TrainingHere => _training.Elapsed;

    /// <summary>Time spent in steps here, in all.</summary>
    public TimeSpan TrainingInAll => _trainingDone + _training.Elapsed;

    /// <summary>How long a step takes here, since the last evaluation.</summary>
    public TimeSpan PerStep => TrainingHere / Max(1, run.Updates - _fromHere);

    /// <summary>
    /// Since the last evaluation; null where no step was made since then.
    /// </summary>
    public double? ImagesPerSecond =>
        run.Updates > _from ? (run.Updates - _from) * run.Recipe.Length.Batch / Max(Training.TotalSeconds, 1e-9) : null;

    /// <summary>Makes an update, and takes its time.</summary>
    public StepOutcome Advance() => Timed(run.Advance);

    /// <summary>Takes the time of something that is part of training, such as to wait for the device.</summary>
    public T Timed<T>(Func<T> part)
    {
        _training.Start();
        _interval.Start();
        try
        {
            return part();
        }
        finally
        {
            _interval.Stop();
            _training.Stop();
        }
    }

    /// <summary>How fast the steps were since the last call, or since the run was resumed; the next interval begins.</summary>
    public Pace CloseInterval()
    {
        var steps = run.Updates - _intervalFrom;
        var pace = new Pace(Elapsed, steps > 0 ? steps * run.Recipe.Length.Batch / Max(_interval.Elapsed.TotalSeconds, 1e-9) : null);
        _intervalFrom = run.Updates;
        _interval.Reset();
        return pace;
    }

    /// <summary>Begins anew after an evaluation.</summary>
    public void Reset()
    {
        (_from, _fromHere, _trainingBefore, _trainingDone) = (run.Updates, run.Updates, TimeSpan.Zero, TrainingInAll);
        _training.Reset();
    }

    private sealed class Watch(TimeProvider clock)
    {
        private TimeSpan _before;
        private long? _since;

        public TimeSpan Elapsed => _before + (_since is { } since ? clock.GetElapsedTime(since) : TimeSpan.Zero);

        public void Start() => _since = clock.GetTimestamp();

        public void Stop() => (_before, _since) = (Elapsed, null);

        public void Reset() => (_before, _since) = (TimeSpan.Zero, null);
    }
}
