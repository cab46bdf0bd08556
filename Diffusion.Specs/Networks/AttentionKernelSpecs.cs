using Diffusion.Model.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Networks;

public sealed class AttentionKernelSpecs
{
    [Theory]
    [InlineData(1, 16, 32)]
    [InlineData(4, 9, 8)]
    public void The_kernels_compute_one_function_and_one_gradient(long heads, long positions, long channels)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(7, CPU);
        var (queries, keys, values) = (Made(), Made(), Made());
        var direction = randn([2, heads, positions, channels], float64, generator: generator);
        var (products, fused) = (Computed(new AttentionKernel.Products()), Computed(new AttentionKernel.Fused()));
        foreach (var (one, other) in products.Zip(fused))
            Assert.True(one.allclose(other, 1e-12, 1e-12));

        Tensor Made() => randn([2, heads, positions, channels], float64, generator: generator).requires_grad_();

        Tensor[] Computed(AttentionKernel kernel)
        {
            var output = kernel.Attend(queries, keys, values);
            return [output, .. autograd.grad([output], [queries, keys, values], [direction])];
        }
    }

    [Fact]
    public void The_best_kernel_depends_on_type_and_size()
    {
        using var scope = NewDisposeScope();
        Assert.IsType<AttentionKernel.Products>(AttentionKernel.Best(empty([8, 1, 256, 4], bfloat16)));
        Assert.IsType<AttentionKernel.Fused>(AttentionKernel.Best(empty([8, 1, 256, 4])));
        Assert.IsType<AttentionKernel.Fused>(AttentionKernel.Best(empty([129, 1, 1024, 4], bfloat16)));
    }
}
