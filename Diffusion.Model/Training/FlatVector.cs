using System.Runtime.InteropServices;
using Diffusion.Model.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>Flat vectors of which every process has a part: put together, and handed out. On GPUs by NCCL or the host's memory.</summary>
internal static class FlatVector
{
    /// <summary>Where the parts of all processes lie among the numbers of a vector.</summary>
    public static Part[] Parts(Sharding sharding, Tensor flat)
    {
        var width = FlatNumbers.WidthOf(flat);
        return [.. sharding.Parts.Select(part => new Part(checked((int)part.First * width), checked((int)part.Length * width)))];
    }

    /// <summary>Gives the own part of a vector to all, and takes theirs.</summary>
    /// <param name="flat">The vector, of which the own part is right.</param>
    /// <param name="sharding">Who has which part.</param>
    public static void Complete(Tensor flat, Sharding sharding)
    {
        if (sharding.Processes.Size == 1)
            return;
        if (sharding.GpusOf(flat) is { } gpus)
        {
            gpus.AllGather(flat, Parts(sharding, flat));
            return;
        }
        using var scope = NewDisposeScope();
        var host = flat.cpu();
        sharding.Processes.AllGather(FlatNumbers.Of(host), Parts(sharding, host));
        if (flat.device_type != DeviceType.CPU)
            flat.copy_(host);
    }

    /// <summary>Gives a vector of rank 0 to all.</summary>
    public static void Broadcast(Tensor flat, ICommunicator processes)
    {
        if (processes.Size == 1)
            return;
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var host = flat.cpu();
        var numbers = FlatNumbers.Of(host);
        for (var first = 0; first < numbers.Length; first += Mpi.Piece)
            processes.Broadcast(MemoryMarshal.AsBytes(numbers[first..Min(first + Mpi.Piece, numbers.Length)]));
        if (flat.device_type != DeviceType.CPU)
            flat.copy_(host);
    }
}
