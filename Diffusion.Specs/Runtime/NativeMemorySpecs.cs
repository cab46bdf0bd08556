using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Runtime;

public sealed class NativeMemorySpecs
{
    [Fact]
    public void The_advice_may_be_given_again_and_tensors_come_and_go_as_before()
    {
        Assert.Equal(NativeMemory.KeepFreed(), NativeMemory.KeepFreed());
        for (var round = 0; round < 3; round++)
        {
            using var large = ones(8 << 20);
            Assert.Equal(8 << 20, large.sum(type: float64).item<double>());
        }
    }
}
