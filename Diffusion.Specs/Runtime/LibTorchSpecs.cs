using Diffusion.Model.Runtime;
using Diffusion.Specs.Data;
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

    [LinuxFact]
    public void A_library_that_the_loader_refuses_is_named_once_with_its_reason()
    {
        using var place = new TemporaryFolder();
        var (damaged, gone) = (place["libtorch_cuda.so"], place["libc10_cuda.so"]);
        File.WriteAllText(damaged, "no library");
        var refused = LibTorch.Refused([damaged, gone, Path.Combine(LibTorch.Folder!, "libc10.so")]).ToArray();
        Assert.Equal(2, refused.Length);
        Assert.StartsWith($"{damaged}: ", refused[0]);
        Assert.StartsWith($"{gone}: ", refused[1]);
        Assert.All(refused, reason => Assert.DoesNotContain('\n', reason));
        Assert.Contains("No such file", refused[1]);
    }
}
