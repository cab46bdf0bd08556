namespace Diffusion.Host.Displays;

/// <summary>Shows how far long work is.</summary>
public interface IProgressDisplay
{
    /// <summary>Begins to show some work, until the result is disposed.</summary>
    IActivity Begin(Work work);
}

/// <summary>Work in progress.</summary>
public interface IActivity : IDisposable
{
    /// <summary>Tells how far it is; cheap enough to be called after every step.</summary>
    /// <param name="done">Units done, from <see cref="Work.From"/> to <see cref="Work.Total"/>.</param>
    /// <param name="detail">What else is worth seeing, such as the loss; asked for only when it is shown.</param>
    void Report(long done, Func<string> detail);
}

/// <summary>Something that takes long enough to be watched.</summary>
/// <param name="Name">What is done, such as <c>training</c>.</param>
/// <param name="Unit">What is counted, in the plural.</param>
/// <param name="From">Units done before, in an earlier session.</param>
/// <param name="Total">Units when it is finished.</param>
public sealed record Work(string Name, string Unit, long From, long Total)
{
    /// <summary>How long the rest takes at the pace so far; null before there is a pace, and where it is beyond all time spans.</summary>
    public TimeSpan? Remaining(long done, TimeSpan elapsed)
    {
        var seconds = elapsed.TotalSeconds * (Total - done) / (done - From);
        return done > From && seconds < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }
}
