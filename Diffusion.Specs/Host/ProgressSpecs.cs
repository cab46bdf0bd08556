using Diffusion.Host.CommandLine;
using Diffusion.Host.Displays;
using Diffusion.Model.Runs;
using Diffusion.Specs.Data;

namespace Diffusion.Specs.Host;

public sealed class ProgressSpecs
{
    private static readonly Work Training = new("training", "steps", From: 0, Total: 1000);

    private readonly StringWriter _error = new();
    private readonly HandClock _clock = new();

    private Session Session => new(new(TextWriter.Null, _error, Display.Plain), Verbosity.Normal, ResultForm.Text, CancellationToken.None);

    private string[] Lines => _error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    [Theory]
    [InlineData(0, "0.0 s")]
    [InlineData(4.24, "4.2 s")]
    [InlineData(9.96, "10 s")]
    [InlineData(59.4, "59 s")]
    [InlineData(59.6, "1 min 0 s")]
    [InlineData(200, "3 min 20 s")]
    [InlineData(7500, "2 h 5 min")]
    [InlineData(273600, "3 d 4 h")]
    public void A_duration_has_two_units(double seconds, string text) => Assert.Equal(text, Duration.Text(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void What_remains_is_what_was_done_carried_on()
    {
        Assert.Equal(TimeSpan.FromSeconds(90), Training.Remaining(100, TimeSpan.FromSeconds(10)));
        Assert.Equal(TimeSpan.FromSeconds(40), (Training with { From = 400 }).Remaining(600, TimeSpan.FromSeconds(20)));
        Assert.Null(Training.Remaining(0, TimeSpan.FromSeconds(10)));
        Assert.Null((Training with { Total = long.MaxValue }).Remaining(1, TimeSpan.FromDays(1)));
    }

    [Fact]
    public void Plain_lines_say_how_far_the_work_is_and_how_long_it_takes()
    {
        using var activity = new PlainDisplay(Session, _clock).Begin(Training);
        _clock.Pass(seconds: 4);
        activity.Report(20, () => "loss 0.05, 320 images/s");
        Assert.Equal(["training: 20 of 1000 steps, loss 0.05, 320 images/s, 3 min 16 s left"], Lines);
    }

    [Fact]
    public void Plain_lines_come_ever_more_rarely()
    {
        using var activity = new PlainDisplay(Session, _clock).Begin(Training with { Total = 100_000 });
        for (var step = 1; step <= 36_000; step++)
        {
            _clock.Pass(seconds: 1);
            activity.Report(step, () => "");
        }
        Assert.InRange(Lines.Length, 40, 100);
    }

    [Fact]
    public void What_is_not_shown_is_not_composed()
    {
        using var activity = new PlainDisplay(Session, _clock).Begin(Training);
        activity.Report(1, () => throw new InvalidOperationException("Nobody sees this."));
    }

    [Fact]
    public void A_quiet_session_shows_nothing_and_still_records()
    {
        var recorded = new List<string>();
        var quiet = Session with { Verbosity = Verbosity.Quiet, Record = recorded.Add };
        ProgressDisplay.Show(quiet, (session, display) =>
        {
            using var activity = display.Begin(Training);
            session.Say("chosen");
            session.Warn("odd");
            return 0;
        });
        Assert.Equal(["warning: odd"], Lines);
        Assert.Equal(["chosen", "warning: odd"], recorded);
    }

    [Fact]
    public void A_log_holds_every_line_with_its_time()
    {
        using var place = new TemporaryFolder();
        using (var log = new RunLog(place["log.txt"], _clock))
        {
            var session = Session with { Record = log.Add };
            session.Say("one");
            _clock.Pass(seconds: 61);
            session.Detail("two");
        }
        Assert.Equal(["2030-01-31 12:00:00Z  one", "2030-01-31 12:01:01Z  two"], File.ReadAllLines(place["log.txt"]));
        Assert.Equal(["one"], Lines);
    }

    [Fact]
    public void A_log_that_cannot_be_written_stops_nothing()
    {
        if (!File.Exists("/dev/full"))
            return;
        using var log = new RunLog("/dev/full", _clock);
        log.Add("lost");
        Assert.Equal(1, log.Missing);
    }
}
