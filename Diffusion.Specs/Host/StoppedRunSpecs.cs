using Diffusion.Specs.Data;

namespace Diffusion.Specs.Host;

/// <summary>Runs that are stopped from outside, as people and schedulers do.</summary>
public sealed class StoppedRunSpecs : IDisposable
{
    private readonly TemporaryFolder _place = new();
    private readonly TrainingProcess _program;

    public StoppedRunSpecs() => _program = new(_place);

    public void Dispose() => _place.Dispose();

    [UnixTheory]
    [InlineData(TrainingProcess.Terminate)]
    [InlineData(TrainingProcess.Interrupt)]
    public void A_run_that_is_asked_to_stop_saves_and_says_how_to_go_on(int signal)
    {
        using var process = _program.Start(_program.Begin("run", 100_000));
        process.Ready.Wait();
        process.Send(signal);
        var (code, output, error) = process.Ended();
        Assert.Equal((130, ""), (code, output));
        Assert.EndsWith($"diffusion.dll train --resume {_place["run"]} --threads 1 --offline --checkpoint-every 1", error,
            StringComparison.Ordinal);
        Assert.NotEmpty(Directory.GetDirectories(_place["run/checkpoint"], "step-*"));
    }

    [UnixFact]
    public void A_run_that_is_asked_twice_ends_at_once_and_leaves_what_it_had()
    {
        using var process = _program.Start(_program.Begin("run", 100_000));
        process.Ready.Wait();
        process.Send(TrainingProcess.Interrupt);
        Thread.Sleep(20);
        process.Send(TrainingProcess.Interrupt);
        var (code, output, error) = process.Ended();
        Assert.Equal((130, ""), (code, output));
        Assert.DoesNotContain("Assert", error, StringComparison.OrdinalIgnoreCase);
    }
}
