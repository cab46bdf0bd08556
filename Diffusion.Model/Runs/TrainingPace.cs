using System.Diagnostics;
using Diffusion.Model.Training;

namespace Diffusion.Model.Runs;

/// <summary>How long a run takes, and how fast it trains.</summary>
/// <param name="run">The run.</param>
/// <param name="before">How long it took before it was resumed.</param>
internal sealed class TrainingPace(TrainingRun run, TimeSpan before)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Stopwatch _training = new();
    private long _from = run.Updates;

    /// <summary>Since the run began, without the time between a stop and a resume.</summary>
    public TimeSpan Elapsed => before + _clock.Elapsed;

    /// <summary>Time spent in steps since the last evaluation.</summary>
    public TimeSpan Training => _training.Elapsed;

    /// <summary>How long a step takes, since the last evaluation.</summary>
    public TimeSpan PerStep => Training / Max(1, run.Updates - _from);

    /// <summary>
    /// Since the last evaluation; null where a run was stopped before its samples, and makes no step before them when it goes on.
    /// </summary>
    public double? ImagesPerSecond =>
        run.Updates > _from ? (run.Updates - _from) * run.Recipe.Length.Batch / Max(Training.TotalSeconds, 1e-9) : null;

    /// <summary>Whether steps were made since the last evaluation.</summary>
    public bool HasSteps => run.Updates != _from;

    /// <summary>Makes an update, and takes its time.</summary>
    public StepOutcome Advance()
    {
        _training.Start();
        try
        {
            return run.Advance();
        }
        finally
        {
            _training.Stop();
        }
    }

    /// <summary>Begins anew after an evaluation.</summary>
    public void Reset()
    {
        _from = run.Updates;
        _training.Reset();
    }
}
