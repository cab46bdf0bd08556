using Diffusion.Host.Benchmarks;
using Diffusion.Host.Commands;

namespace Diffusion.Specs.Host;

public sealed class BusyNeighbourSpecs
{
    [Fact]
    public void A_busy_process_says_that_it_is_and_ends_with_its_parent()
    {
        var output = new StringWriter();
        BusyNeighbour.BeOne(new StringReader(""), output, CancellationToken.None);
        Assert.Equal($"busy{Environment.NewLine}", output.ToString());
    }

    [Fact]
    public void It_is_asked_for_by_a_word_that_help_does_not_show()
    {
        Assert.IsType<Command.BeBusy>(Assert.IsType<ParsedLine.Accepted>(CommandParser.Parse(["bench", "busy", "--neighbour"])).Command);
        Assert.Contains(Benchmark.All, benchmark => benchmark is BusyBenchmark { Name: "busy" });
    }
}
