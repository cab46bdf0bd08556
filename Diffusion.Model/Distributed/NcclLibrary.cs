using System.Globalization;
using System.Runtime.InteropServices;
using Diffusion.Model.Runtime;

namespace Diffusion.Model.Distributed;

/// <summary>The functions of NVIDIA's library for messages between GPUs, NCCL 2.7 or later; every one answers 0 for success.</summary>
internal sealed unsafe class NcclLibrary
{
    private const string File = "libnccl.so.2";

    private static readonly string[] Functions =
    [
        "ncclGetVersion", "ncclGetErrorString", "ncclGetUniqueId", "ncclCommInitRank", "ncclCommDestroy", "ncclCommAbort",
        "ncclGroupStart", "ncclGroupEnd", "ncclSend", "ncclRecv", "ncclBroadcast",
    ];

    private static readonly Lazy<NcclLibrary?> Found = new(Load);

    private NcclLibrary(nint[] functions)
    {
        int version;
        Version = ((delegate* unmanaged<int*, int>)functions[0])(&version) == 0 ? TextOf(version) : "unknown version";
        ErrorText = (delegate* unmanaged<int, byte*>)functions[1];
        GetUniqueId = (delegate* unmanaged<NcclId*, int>)functions[2];
        CommInitRank = (delegate* unmanaged<nint*, int, NcclId, int, int>)functions[3];
        CommDestroy = (delegate* unmanaged<nint, int>)functions[4];
        CommAbort = (delegate* unmanaged<nint, int>)functions[5];
        GroupStart = (delegate* unmanaged<int>)functions[6];
        GroupEnd = (delegate* unmanaged<int>)functions[7];
        Send = (delegate* unmanaged<void*, nuint, int, int, nint, nint, int>)functions[8];
        Receive = (delegate* unmanaged<void*, nuint, int, int, nint, nint, int>)functions[9];
        Broadcast = (delegate* unmanaged<void*, void*, nuint, int, int, nint, nint, int>)functions[10];
    }

    /// <summary>The library of this system, or the one beside libtorch; null where there is none.</summary>
    public static NcclLibrary? Here => Found.Value;

    /// <summary>Such as <c>2.21.5</c>.</summary>
    public string Version { get; }

    public delegate* unmanaged<int, byte*> ErrorText { get; }

    public delegate* unmanaged<NcclId*, int> GetUniqueId { get; }

    public delegate* unmanaged<nint*, int, NcclId, int, int> CommInitRank { get; }

    public delegate* unmanaged<nint, int> CommDestroy { get; }

    public delegate* unmanaged<nint, int> CommAbort { get; }

    public delegate* unmanaged<int> GroupStart { get; }

    public delegate* unmanaged<int> GroupEnd { get; }

    // Buffer, count, type, peer, communicator, stream.
    public delegate* unmanaged<void*, nuint, int, int, nint, nint, int> Send { get; }

    public delegate* unmanaged<void*, nuint, int, int, nint, nint, int> Receive { get; }

    // From, into, count, type, root, communicator, stream.
    public delegate* unmanaged<void*, void*, nuint, int, int, nint, nint, int> Broadcast { get; }

    /// <summary>The functions of a library that is loaded; null where one is missing.</summary>
    /// <param name="function">Finds them by name; 0 for one that is not there.</param>
    public static NcclLibrary? Of(Func<string, nint> function)
    {
        nint[] found = [.. Functions.Select(function)];
        return found.Contains(0) ? null : new(found);
    }

    private static NcclLibrary? Load() =>
        NativeLibrary.TryLoad(File, out var library)
        || LibTorch.Folder is { } folder && NativeLibrary.TryLoad(Path.Combine(folder, File), out library)
            ? Of(name => NativeLibrary.TryGetExport(library, name, out var found) ? found : 0) : null;

    // 2708 is 2.7.8; from 2.9 on 10000·major + 100·minor + patch.
    private static string TextOf(int version)
    {
        var major = version < 10000 ? 1000 : 10000;
        return string.Create(CultureInfo.InvariantCulture, $"{version / major}.{version % major / 100}.{version % 100}");
    }
}

/// <summary>What ranks have to share to find each other.</summary>
internal unsafe struct NcclId
{
    /// <summary>Its bytes.</summary>
    public const int Length = 128;

    private fixed byte _bytes[Length];
}
