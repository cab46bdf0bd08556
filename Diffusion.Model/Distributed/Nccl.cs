using System.Globalization;
using System.Runtime.InteropServices;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Distributed;

/// <summary>Vectors from GPU to GPU, by NVIDIA's NCCL instead of the memory of the host. The ranks find each other by MPI.</summary>
/// <remarks>
/// It only carries numbers: sums are formed by whoever forms them without it, in the same order, so that no bit depends on it. Its
/// messages are queued on the default stream, where libtorch computes, and are in order with that. Tried with a stand-in for the library
/// alone: no machine with several GPUs has run it yet.
/// </remarks>
public sealed unsafe class Nccl : IDisposable
{
    private const int Float32 = 7;
    private const int DefaultStream = 0;

    private readonly NcclLibrary _library;
    private nint _ranks;

    private Nccl(NcclLibrary library, nint ranks) => (_library, _ranks) = (library, ranks);

    /// <summary>The version of the library that is here; null where there is none.</summary>
    public static string? Version => NcclLibrary.Here?.Version;

    /// <summary>Connects the GPUs of all ranks. Collective.</summary>
    /// <param name="processes">The ranks.</param>
    /// <param name="device">The device of this one.</param>
    /// <returns>Null on every rank where one has no GPU or no library, or where NCCL refuses, as it does two ranks on one GPU.</returns>
    internal static Nccl? Join(ICommunicator processes, Device device) => Join(
        processes, NcclLibrary.Here, () => device.type == DeviceType.CUDA && CudaDriver.MakeCurrent(Max(device.index, 0)));

    /// <inheritdoc cref="Join(ICommunicator, Device)"/>
    /// <param name="processes">The ranks.</param>
    /// <param name="library">The library; null where there is none.</param>
    /// <param name="isReady">Makes the GPU of this rank current; false where that cannot be.</param>
    internal static Nccl? Join(ICommunicator processes, NcclLibrary? library, Func<bool> isReady)
    {
        if (!All(processes, library is not null && LibTorch.DataOf is not null && isReady()))
            return null;
        var (id, ranks) = (default(NcclId), (nint)0);
        var code = processes.Rank == 0 ? library!.GetUniqueId(&id) : 0;
        processes.Broadcast(new Span<byte>(&id, NcclId.Length));
        if (!All(processes, code == 0))
            return null;
        code = library!.CommInitRank(&ranks, processes.Size, id, processes.Rank);
        if (All(processes, code == 0))
            return new(library, ranks);
        if (code == 0)
            _ = library.CommAbort(ranks);
        return null;
    }

    /// <summary>As <see cref="ICommunicator.AllToAll"/>, of vectors on the device.</summary>
    internal void AllToAll(Tensor from, ReadOnlySpan<Part> given, Tensor into, ReadOnlySpan<Part> taken)
    {
        var source = DataOf(from);
        var target = DataOf(into);
        Check(_library.GroupStart());
        for (var peer = 0; peer < given.Length; peer++)
        {
            if (given[peer].Length > 0)
                Check(_library.Send(source + given[peer].First, (nuint)given[peer].Length, Float32, peer, _ranks, DefaultStream));
            if (taken[peer].Length > 0)
                Check(_library.Receive(target + taken[peer].First, (nuint)taken[peer].Length, Float32, peer, _ranks, DefaultStream));
        }
        Check(_library.GroupEnd());
    }

    /// <summary>As <see cref="ICommunicator.AllGather(Span{float}, ReadOnlySpan{Part})"/>, of a vector on the device.</summary>
    internal void AllGather(Tensor all, ReadOnlySpan<Part> parts)
    {
        var start = DataOf(all);
        Check(_library.GroupStart());
        for (var rank = 0; rank < parts.Length; rank++)
            if (parts[rank].Length > 0)
                Check(_library.Broadcast(start + parts[rank].First, start + parts[rank].First, (nuint)parts[rank].Length, Float32, rank,
                    _ranks, DefaultStream));
        Check(_library.GroupEnd());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_ranks != 0)
            _ = _library.CommDestroy(_ranks);
        _ranks = 0;
    }

    private static bool All(ICommunicator processes, bool own)
    {
        var all = new double[processes.Size];
        processes.AllGather([own ? 1 : 0], all);
        return Array.TrueForAll(all, one => one == 1);
    }

    private static float* DataOf(Tensor flat)
    {
        var data = (float*)((delegate* unmanaged<nint, void*>)LibTorch.DataOf!.Value)(flat.Handle);
        GC.KeepAlive(flat);
        return data;
    }

    private void Check(int code)
    {
        if (code == 0)
            return;
        var text = Marshal.PtrToStringUTF8((nint)_library.ErrorText(code));
        _ = _library.CommAbort(_ranks);
        _ranks = 0;
        throw new IOException(string.Create(CultureInfo.InvariantCulture, $"NCCL {_library.Version} reports error {code}, {text}."));
    }
}
