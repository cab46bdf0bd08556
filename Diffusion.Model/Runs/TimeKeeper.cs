using Diffusion.Model.Recipes;

namespace Diffusion.Model.Runs;

/// <summary>Looks at the pace of a run a few times, and says where it has to be longer or shorter to keep its time.</summary>
/// <param name="time">The time.</param>
internal sealed class TimeKeeper(RunTime time)
{
    private RunCosts _costs = time.Costs;
    private double _planned = time.Costs.PerStep;
    private int _looks;
    private (long Steps, TimeSpan Gone) _last;
    private TimeSpan _evaluating;

    /// <summary>The first step comes now.</summary>
    /// <param name="done">Updates made.</param>
    /// <param name="gone">What has passed of the time.</param>
    public void Begin(long done, TimeSpan gone) => (_last, _evaluating) = ((done, gone), TimeSpan.Zero);

    /// <summary>An evaluation was made, whose time counts.</summary>
    /// <param name="run">The run after it.</param>
    /// <param name="took">How long it took.</param>
    public void Evaluated(RunUnderWay run, TimeSpan took)
    {
        _evaluating += took;
        Look(run);
        _costs = _costs.Measured(run.CountAt(1), took.TotalSeconds);
    }

    /// <summary>A step was made, after which no evaluation comes.</summary>
    /// <param name="run">The run after it.</param>
    /// <returns>The length that it has from here on; null where it stays.</returns>
    public NewLength? AfterStep(RunUnderWay run)
    {
        var share = Max((double)run.Done / run.Recipe.Length.Steps, run.Gone / time.Whole);
        var looks = RunTime.Looks.Count(look => look <= share);
        if (looks <= _looks || !Look(run))
            return null;
        (_looks, _last, _evaluating) = (looks, (run.Done, run.Gone), TimeSpan.Zero);
        if (time.Renewed(run, _costs) is not { } renewal)
            return null;
        var (planned, rest) = (_planned, time.Rest(run with { Recipe = renewal.Of(run.Recipe) }, _costs));
        _planned = _costs.PerStep;
        return new(run.Recipe.Length.Steps, renewal, planned, _costs.PerStep, RunForecast.Seconds(rest));
    }

    // What a step has taken since the last look. A clock that stands still tells nothing.
    private bool Look(RunUnderWay run)
    {
        var training = (run.Gone - _last.Gone - _evaluating).TotalSeconds;
        if (run.Done <= _last.Steps || training <= 0)
            return false;
        _costs = _costs.At(training / (run.Done - _last.Steps));
        return true;
    }
}
