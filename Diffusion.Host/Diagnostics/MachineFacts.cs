using System.Runtime.InteropServices;
using Diffusion.Host.Displays;
using Diffusion.Model.Distributed;
using Diffusion.Model.Runtime;
using TorchSharp;

namespace Diffusion.Host.Diagnostics;

/// <summary>What the program runs on and with. Loads libtorch.</summary>
public static class MachineFacts
{
    /// <summary>All of it, the program first.</summary>
    public static IEnumerable<Fact> All()
    {
        yield return Fact.Of("diffusion", typeof(MachineFacts).Assembly.GetName().Version!.ToString(3));
        yield return Fact.Of("dotnet", Environment.Version.ToString());
        yield return Fact.Of("torchsharp", typeof(torch).Assembly.GetName().Version!.ToString(3));
        yield return Fact.Of("libtorch", LibTorchBuild.Version ?? "unknown version");
        yield return Fact.Of("made for libtorch", LibTorch.BuiltFor);
        yield return Fact.Of("libtorch folder", LibTorch.Folder ?? "the platform's search path");
        yield return Fact.Of("system", $"{RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.ProcessArchitecture}");
        yield return Fact.Of("processor", Processor());
        yield return Fact.Of("cores", Environment.ProcessorCount);
        yield return Fact.Of("threads", torch.get_num_threads());
        yield return Fact.Of("waiting threads", WaitingThreads.Setting);
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        yield return new("memory", ByteCount.Text(memory), memory);
        yield return Fact.Of("graphics cards", CudaDriver.Cards.Count == 0 ? "none with a driver"
            : string.Join("; ", CudaDriver.Cards.Select(card => $"{card.Name}, {ByteCount.Text(card.Memory)}")));
        yield return Fact.Of("cuda devices", torch.cuda.is_available() ? torch.cuda.device_count() : 0);
        yield return Fact.Of("nccl", Nccl.Version ?? "none: GPUs of several processes exchange gradients by MPI");
    }

    private static string Processor()
    {
        const string field = "model name";
        var line = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal))
            : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown";
    }
}
