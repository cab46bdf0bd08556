using Diffusion.Model.Files;
using Diffusion.Model.Runtime;
using Diffusion.Specs.Data;
using TorchSharp;

namespace Diffusion.Specs.Runtime;

public sealed partial class LibTorchSpecs
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

    [LinuxFact]
    public void A_library_is_loaded_from_memory_without_a_folder_for_files()
    {
        var bytes = File.ReadAllBytes(
            Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "libSystem.Native.so"));
        var handle = Assert.NotNull(TransientLibrary.FromMemory(bytes));
        Assert.NotEqual(0, handle);
        Assert.Null(TransientLibrary.FromMemory("no library"u8.ToArray()));
    }

    [LinuxFact]
    public void Where_files_are_needed_the_folder_that_does_not_do_is_named_not_the_library()
    {
        using var place = new TemporaryFolder();
        var missing = Path.Combine(place.Path, "nowhere");
        var refusal = Assert.Throws<InputException>(() => TransientLibrary.FromFile([1, 2, 3], Path.Combine(missing, "a.so")));
        Assert.StartsWith($"{missing}: found no such file or folder; expected a folder for temporary files", refusal.Message);
        File.WriteAllText(place["file"], "");
        refusal = Assert.Throws<InputException>(() => TransientLibrary.FromFile([1, 2, 3], Path.Combine(place["file"], "a.so")));
        Assert.StartsWith($"{place["file"]}: found a file; expected", refusal.Message);
        Assert.Throws<DllNotFoundException>(() => TransientLibrary.FromFile([1, 2, 3], place["a.so"]));
        Assert.False(File.Exists(place["a.so"]));
    }

    [LinuxFact]
    public void Waiting_threads_let_others_run_unless_a_person_chose()
    {
        var chosen = Environment.GetEnvironmentVariable(WaitingThreads.SpinVariable)
            ?? Environment.GetEnvironmentVariable(WaitingThreads.PolicyVariable);
        var native = System.Runtime.InteropServices.Marshal.PtrToStringUTF8(NativeVariable(WaitingThreads.SpinVariable));
        Assert.True(chosen is not null || native == WaitingThreads.Spins, native);
    }

    [System.Runtime.InteropServices.LibraryImport(
        "libc", EntryPoint = "getenv", StringMarshalling = System.Runtime.InteropServices.StringMarshalling.Utf8)]
    private static partial nint NativeVariable(string name);
}
