using Diffusion.Model.Runtime;
using TorchSharp;

namespace Diffusion.Specs.Runtime;

public sealed class LibTorchSpecs
{
    [Fact]
    public void The_native_library_loads_and_makes_a_tensor()
    {
        using var ones = torch.ones(2, 3);
        Assert.Equal(6f, ones.sum().item<float>());
        Assert.NotNull(LibTorch.Folder);
    }
}
