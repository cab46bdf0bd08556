using System.Diagnostics;
using System.Globalization;
using Diffusion.Specs.Data;

namespace Diffusion.Specs.Host;

/// <summary>Runs that are killed at random instants, as crashes and power cuts do.</summary>
/// <remarks>The environment variable <c>DIFFUSION_KILLS</c> says how often a run is killed; 5 times where it is not set.</remarks>
public sealed class KilledRunSpecs : IDisposable
{
    private readonly TemporaryFolder _place = new();
    private readonly TrainingProcess _program;

    public KilledRunSpecs() => _program = new(_place);

    public void Dispose() => _place.Dispose();

    [UnixFact]
    public void A_run_that_is_killed_at_any_instant_and_resumed_ends_with_the_files_of_an_undisturbed_one()
    {
        var span = Undisturbed();
        var chance = new Random(Kills);
        var run = 0;
        for (var kill = 0; kill < Kills;)
        {
            using var process = _program.Start(_program.GoOn($"run{run}"));
            // One time in eight while the program starts or opens its folder, else while it trains, saves, samples or reports.
            if (chance.Next(8) > 0)
                process.Ready.Wait();
            // The first run may have been slower than those that follow: what has ended is not waited for, and none is given more than a
            // few seconds.
            var isKilled = !process.EndsWithin(Shorter(span, Longest) * chance.NextDouble());
            process.Send(TrainingProcess.Kill);
            if (isKilled && process.Ended().Code == 128 + TrainingProcess.Kill)
                kill++;
            else
                // It was faster: the next one is killed.
                IsAsUndisturbed($"run{run++}", process);
        }
        using var last = _program.Start(_program.GoOn($"run{run}"));
        IsAsUndisturbed($"run{run}", last);
    }

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(4);

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static int Kills =>
        int.TryParse(Environment.GetEnvironmentVariable("DIFFUSION_KILLS"), CultureInfo.InvariantCulture, out var kills) ? kills : 5;

    private TimeSpan Undisturbed()
    {
        using var process = _program.Start(_program.Begin("undisturbed"));
        process.Ready.Wait();
        var clock = Stopwatch.StartNew();
        process.Succeeded();
        Assert.DoesNotContain("warning", process.Ended().Error, StringComparison.Ordinal);
        Assert.Equal(["step", "4", "8", "12"], _program.Report("undisturbed").Select(line => line.Split(',')[1]));
        Assert.Equal([.. Enumerable.Range(1, 12)], _program.Steps("undisturbed").Skip(1).Select(line => int.Parse(line.Split(',')[0])));
        return clock.Elapsed;
    }

    private void IsAsUndisturbed(string run, TrainingProcess.Started process)
    {
        process.Succeeded();
        Assert.Equal(_program.LastCheckpoint("undisturbed"), _program.LastCheckpoint(run));
        Assert.Equal(_program.Report("undisturbed"), _program.Report(run));
        Assert.Equal(_program.Steps("undisturbed"), _program.Steps(run));
    }
}
