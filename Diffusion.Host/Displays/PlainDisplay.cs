using Diffusion.Host.CommandLine;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Displays;

/// <summary>Whole lines for files and pipes: the first soon, later ones ever more rarely.</summary>
/// <remarks>A line comes when ten seconds and a tenth of the time so far have both passed, so that a week's log can be read.</remarks>
/// <param name="session">Where the lines are said.</param>
/// <param name="clock">The time.</param>
public sealed class PlainDisplay(Session session, TimeProvider clock) : IProgressDisplay
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public IActivity Begin(Work work) => new Activity(session, clock, work);

    private sealed class Activity(Session session, TimeProvider clock, Work work) : IActivity
    {
        private readonly long _begin = clock.GetTimestamp();
        private TimeSpan _next = Shortest / 5;

        public void Report(long done, Func<string> detail)
        {
            var elapsed = clock.GetElapsedTime(_begin);
            if (elapsed < _next)
                return;
            _next = elapsed + (elapsed / 10 > Shortest ? elapsed / 10 : Shortest);
            var parts = new[] { $"{work.Name}: {done} of {work.Total} {work.Unit}", detail(), Rest(done, elapsed) };
            session.Say(string.Join(", ", parts.Where(part => part.Length > 0)));
        }

        public void Dispose()
        {
        }

        private string Rest(long done, TimeSpan elapsed) =>
            done < work.Total && work.Remaining(done, elapsed) is { } rest ? $"{Duration.Text(rest)} left" : "";
    }
}
