namespace Diffusion.Model.Runs;

/// <summary>Looks at the pace of a run a few times, and says where it has to be longer or shorter to keep its time.</summary>
/// <param name="time">The time.</param>
internal sealed class TimeKeeper(RunTime time)
{
    // Of the whole time: the pace at an evaluation is that of the steps shortly before it.
    private const double Shortly = 0.01;

    // Of evaluations what was measured last, at the pace of then.
    private RunCosts _costs = time.Costs;
    private double _planned = time.Costs.PerStep;
    private TimeSpan _evaluating;
    private int _looks;
    private Point _look = new(0, TimeSpan.Zero);
    private (Point Earlier, Point Later) _shortly = (new(0, TimeSpan.Zero), new(0, TimeSpan.Zero));

    /// <summary>The first step comes now.</summary>
    /// <param name="done">Updates made.</param>
    /// <param name="gone">What has passed of the time.</param>
    public void Begin(long done, TimeSpan gone)
    {
        (_look, _evaluating) = (new(done, gone), TimeSpan.Zero);
        _shortly = (_look, _look);
    }

    /// <summary>An evaluation was made, whose time counts.</summary>
    /// <param name="run">The run after it.</param>
    /// <param name="took">How long it took.</param>
    public void Evaluated(RunUnderWay run, TimeSpan took)
    {
        _evaluating += took;
        if (Now(run).PaceSince(_shortly.Earlier) is { } pace)
            _costs = _costs.At(pace).Measured(run.CountAt(1), took.TotalSeconds);
    }

    /// <summary>A step was made, after which no evaluation comes.</summary>
    /// <param name="run">The run after it.</param>
    /// <returns>The length that it has from here on; null where it stays.</returns>
    public NewLength? AfterStep(RunUnderWay run)
    {
        var now = Now(run);
        if (now.Training - _shortly.Later.Training >= Shortly * time.Whole)
            _shortly = (_shortly.Later, now);
        var share = Max((double)run.Done / run.Recipe.Length.Steps, run.Gone / time.Whole);
        var looks = RunTime.Looks.Count(look => look <= share);
        if (looks <= _looks || now.PaceSince(_look) is not { } pace)
            return null;
        (_looks, _look) = (looks, now);
        var costs = _costs.At(pace);
        if (time.Renewed(run, costs) is not { } renewal)
            return null;
        var (planned, rest) = (_planned, time.Rest(run with { Recipe = renewal.Of(run.Recipe) }, costs));
        _planned = pace;
        return new(run.Recipe.Length.Steps, renewal, planned, pace, RunForecast.Seconds(rest));
    }

    private Point Now(RunUnderWay run) => new(run.Done, run.Gone - _evaluating);

    // Updates made, and the time without that of evaluations.
    private sealed record Point(long Done, TimeSpan Training)
    {
        // Seconds per step; null where no step was made, or the clock stands still.
        public double? PaceSince(Point earlier) => Done > earlier.Done && Training > earlier.Training
            ? (Training - earlier.Training).TotalSeconds / (Done - earlier.Done) : null;
    }
}
