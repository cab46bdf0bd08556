using Diffusion.Host.Diagnostics;
using Diffusion.Model.Runtime;

namespace Diffusion.Specs.Runtime;

public sealed class LibTorchBuildSpecs
{
    [LinuxFact]
    public void The_library_tells_its_version()
    {
        Assert.Contains("TORCH_VERSION", LibTorchBuild.Settings);
        Assert.Matches(@"^\d+\.\d+\.\d+", LibTorchBuild.Version);
    }

    [Fact]
    public void The_library_of_the_packages_is_the_expected_one_and_lacks_nothing()
    {
        Assert.True(LibTorchBuild.IsExpected);
        Assert.Empty(LibTorchBuild.MissingSymbols);
        Assert.Empty(LibTorchBuild.Concerns());
    }

    [Fact]
    public void A_linkers_message_is_explained_with_symbol_and_version() =>
        Assert.Equal(
            $"libtorch {LibTorchBuild.Version} lacks at::_ops::gone::call; TorchSharp was built for {LibTorch.BuiltFor}",
            ProbeProcess.Explain(
                "diffusion: symbol lookup error: /tmp/LibTorchSharp-1.so: undefined symbol: _ZN2at4_ops4gone4callERKNS_6TensorE"));
}
