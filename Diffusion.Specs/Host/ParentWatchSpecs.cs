using Diffusion.Host.CommandLine;
using Diffusion.Host.Diagnostics;
using Diffusion.Specs.Data;

namespace Diffusion.Specs.Host;

/// <summary>Processes that do a part of the work end with the one that started them, even where that was killed.</summary>
public sealed class ParentWatchSpecs
{
    [Fact]
    public void It_stops_and_then_ends_when_its_input_ends_and_not_before()
    {
        var said = new List<string>();
        ParentWatch.Wait(new MemoryStream([1, 2, 3]), () => said.Add("stop"), () => said.Add("end"));
        Assert.Equal(["stop", "end"], said);
    }

    [UnixFact]
    public void A_child_whose_parent_is_gone_ends_as_one_that_is_interrupted()
    {
        // What the system does to the pipe of a parent that was killed.
        using var place = new TemporaryFolder();
        using var child = OwnProcess.Start(new TrainingProcess(place).Begin("run", 100_000));
        var said = child.StandardError.ReadToEndAsync();
        child.StandardInput.Close();
        Assert.True(child.WaitForExit(TimeSpan.FromSeconds(30)));
        Assert.Equal((int)ExitCode.Interrupted, child.ExitCode);
        Assert.Contains(Interruption.Acknowledgement, said.Result, StringComparison.Ordinal);
    }
}
