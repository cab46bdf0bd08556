using Diffusion.Host.Diagnostics;
using Diffusion.Specs.Runtime;
using TorchSharp;

namespace Diffusion.Specs.Host;

[Collection(Alone.Name)]
public sealed class ProbeSpecs
{
    [Fact]
    public void Everything_the_program_does_with_libtorch_works_on_the_cpu()
    {
        foreach (var probe in Probes.All)
            probe.Try(torch.CPU);
    }

    [Fact]
    public void A_child_tells_what_it_begins_and_what_became_of_it_from_where_it_is_asked_to()
    {
        var output = new StringWriter();
        var last = ProbeProcess.Work().Count - 1;
        ProbeProcess.Tell(last, output);
        Assert.Equal($"begin {last}\nworks {last}\nend\n", output.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public void A_child_that_ends_in_between_has_one_row_and_the_next_one_goes_on()
    {
        // A command line that is refused stands for a child that dies in every probe.
        var rows = ProbeProcess.Run(["--quiet", "no-such-command"], CancellationToken.None).Take(2).ToList();
        Assert.Equal(Probes.All.Take(2).Select(probe => probe.Name), rows.Select(row => row.Name));
        Assert.All(rows, row => Assert.Contains("no-such-command", Assert.IsType<ProbeOutcome.Ends>(row.Outcome).Reason));
    }
}
