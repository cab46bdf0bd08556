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

    [Fact]
    public void Huge_pages_change_no_number_and_are_no_matter_for_small_tensors()
    {
        using var scope = NewDisposeScope();
        var numbers = Number.Range(0, 3 << 20, float32, CPU);
        NativeMemory.UseHugePages(numbers);
        Assert.True(numbers.equal(Number.Range(0, 3 << 20, float32, CPU)).all().item<bool>());
        Assert.False(NativeMemory.UseHugePages(ones(100)));
        Assert.False(NativeMemory.UseHugePages(ones(3000, 3000).t()));
    }
}
