using System.Security.Cryptography;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Model.Runs;
using Diffusion.Specs.Data;
using Diffusion.Specs.Host;

namespace Diffusion.Specs.Distributed;

/// <summary>Several processes that mpirun starts: the bits are those of one process.</summary>
public sealed class MpiProcessSpecs : IDisposable
{
    // Two leaves of two images each, which pass one by one; samples in batches that are divided as well.
    private static readonly string[] Shared =
        ["--set", "length.shards=2", "--set", "length.microBatch=1", "--set", "evaluation.batch=1"];

    private readonly TemporaryFolder _place = new();
    private readonly TrainingProcess _program;

    public MpiProcessSpecs() => _program = new(_place);

    public void Dispose() => _place.Dispose();

    [MpiFact]
    public void A_run_of_two_processes_that_is_killed_and_goes_on_with_one_ends_with_the_files_of_one_process_and_draws_its_samples()
    {
        // At the same time: the second waits for the start of its processes most of the time.
        using var alone = _program.Start([.. _program.Begin("alone"), .. Shared]);
        using (var both = _program.Start(2, [.. _program.Begin("both"), .. Shared]))
        {
            both.Ready.Wait();
            while (both.IsRunning && !Directory.Exists(_place["both/checkpoint/step-000000005"]))
                Thread.Sleep(10);
            both.Send(TrainingProcess.Kill);
            both.Ended();
        }
        // The launcher was killed: its ranks notice that a little later.
        Assert.True(SpinWait.SpinUntil(() => !RunFolder.IsInUse(_place["both"]), TimeSpan.FromSeconds(30)));
        alone.Succeeded();
        using (var onward = _program.Start(_program.GoOn("both", threads: 1)))
            onward.Succeeded();
        Assert.Equal(_program.LastCheckpoint("alone"), _program.LastCheckpoint("both"));
        Assert.Equal(_program.Report("alone"), _program.Report("both"));
        Assert.Equal(_program.Steps("alone"), _program.Steps("both"));

        using (var two = _program.Start(2, Sample("two")))
        {
            Assert.Equal(ExitCode.Success, CommandLineApp.Run(
                Sample("one"), new(TextWriter.Null, TextWriter.Null, Display.Plain), CancellationToken.None));
            two.Succeeded();
        }
        Assert.Equal(Hash("one"), Hash("two"));
    }

    private string[] Sample(string name) =>
        ["sample", _place["alone"], "--count", "5", "--batch", "1", "--steps", "2", "--threads", "1", "-o", _place[$"{name}.npz"]];

    private string Hash(string name) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(_place[$"{name}.npz"])));
}
