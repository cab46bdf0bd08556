using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Displays;

/// <summary>A row per activity that is written again in place, on a terminal.</summary>
/// <remarks>Written by the thread that works, at most ten times a second: no other thread takes time from the work.</remarks>
/// <param name="screen">The terminal.</param>
/// <param name="clock">The time.</param>
internal sealed class TerminalDisplay(Screen screen, TimeProvider clock) : IProgressDisplay
{
    /// <inheritdoc/>
    public IActivity Begin(Work work) => new Activity(screen, clock, work);

    private sealed class Activity : IActivity
    {
        private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);

        private readonly ScreenRow _row;
        private readonly Screen _screen;
        private readonly TimeProvider _clock;
        private readonly Work _work;
        private readonly string _name;
        private readonly long _begin;
        private TimeSpan _next;

        public Activity(Screen screen, TimeProvider clock, Work work)
        {
            (_screen, _clock, _work, _row) = (screen, clock, work, screen.AddRow());
            (_name, _begin) = (PlainText.OneLine(work.Name), clock.GetTimestamp());
            Show(work.From, TimeSpan.Zero, "");
        }

        public void Report(long done, Func<string> detail)
        {
            var elapsed = _clock.GetElapsedTime(_begin);
            if (elapsed < _next)
                return;
            _next = elapsed + Shortest;
            Show(done, elapsed, detail());
        }

        public void Dispose() => _row.Dispose();

        private void Show(long done, TimeSpan elapsed, string detail)
        {
            var row = new ProgressRow(
                _name,
                (double)(done - _work.From) / Max(1, _work.Total - _work.From),
                $"{done}/{_work.Total} {_work.Unit}",
                PlainText.OneLine(detail).Split(", ", StringSplitOptions.RemoveEmptyEntries).ToSequence(),
                _work.Remaining(done, elapsed) is { } time ? $"{Duration.Text(time)} left" : "");
            _row.Show(cells => row.Text(cells, _screen.HasUnicode));
        }
    }
}
