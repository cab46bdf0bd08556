using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Runtime;

public sealed class AutocastSpecs
{
    [Fact]
    public void The_libtorch_that_is_shipped_offers_it_on_Linux() => Assert.Equal(OperatingSystem.IsLinux(), Autocast.IsAvailable);

    [Fact]
    public void Products_inside_are_short_and_outside_as_they_were()
    {
        if (!Autocast.IsAvailable)
            return;
        using var scope = NewDisposeScope();
        var matrix = ones(4, 4);
        using (Autocast.To(DeviceType.CPU, bfloat16))
        {
            Assert.Equal(bfloat16, matmul(matrix, matrix).dtype);
            using (Autocast.To(DeviceType.CPU, float16))
                Assert.Equal(float16, matmul(matrix, matrix).dtype);
            Assert.Equal(bfloat16, matmul(matrix, matrix).dtype);
        }
        Assert.Equal(float32, matmul(matrix, matrix).dtype);
    }

    [Fact]
    public void Gradients_have_the_type_of_their_parameters()
    {
        if (!Autocast.IsAvailable)
            return;
        using var scope = NewDisposeScope();
        var weight = ones(4, 4, requires_grad: true);
        using (Autocast.To(DeviceType.CPU, bfloat16))
            matmul(weight, weight).sum().backward();
        Assert.Equal(float32, weight.grad!.dtype);
    }

    [Fact]
    public void Disposing_twice_ends_one_scope()
    {
        if (!Autocast.IsAvailable)
            return;
        using var scope = NewDisposeScope();
        var matrix = ones(4, 4);
        using var outer = Autocast.To(DeviceType.CPU, bfloat16);
        var inner = Autocast.To(DeviceType.CPU, float16);
        inner.Dispose();
        inner.Dispose();
        Assert.Equal(bfloat16, matmul(matrix, matrix).dtype);
    }
}
