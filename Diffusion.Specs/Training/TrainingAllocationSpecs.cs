using System.Text.Json.Nodes;
using Diffusion.Specs.Data;
using Diffusion.Specs.Host;

namespace Diffusion.Specs.Training;

public sealed class TrainingAllocationSpecs
{
    // In a process of its own, whose memory no other spec takes or gives back.
    [UnixFact]
    public void Five_hundred_steps_take_less_than_5_megabytes_beyond_the_first_two_hundred()
    {
        using var place = new TemporaryFolder();
        using var program = new TrainingProcess(place).Start("bench", "memory", "--threads", "1", "--device", "cpu", "--json");
        program.Succeeded();
        var result = JsonNode.Parse(program.Ended().Output.Trim().Split('\n')[^1])!["results"]![0]!;
        Assert.Equal("MB", result["unit"]!.GetValue<string>());
        Assert.InRange(result["value"]!.GetValue<double>(), double.NegativeInfinity, 5);
    }
}
