using Diffusion.Host.Benchmarks;
using static TorchSharp.torch;

namespace Diffusion.Specs.Training;

[Collection(Diffusion.Specs.Runtime.GlobalRandomness.Name)]
public sealed class TrainingAllocationSpecs
{
    [Fact]
    public void Two_thousand_steps_take_less_than_20_megabytes_beyond_the_first_two_hundred() =>
        Assert.InRange(MemoryGrowth.Of(CPU, CancellationToken.None), double.NegativeInfinity, 20);
}
