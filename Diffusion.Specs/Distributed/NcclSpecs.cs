using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Diffusion.Model.Distributed;
using TorchSharp;

namespace Diffusion.Specs.Distributed;

/// <summary>What is asked of NCCL, by a stand-in for it: ranks are threads, and devices the host.</summary>
public sealed unsafe class NcclSpecs
{
    private static readonly ConcurrentDictionary<(nint From, nint To), BlockingCollection<float[]>> Mail = new();

    // 0 before a group; what was asked for within it.
    [ThreadStatic]
    private static List<Action>? _group;

    private static int _aborted;

    private delegate void Work(ICommunicator processes, Nccl nccl);

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Vectors_are_exchanged_as_by_MPI(int size) => Joined(size, (processes, nccl) =>
    {
        // Parts of several lengths, one of them empty.
        Part[] parts = [.. Enumerable.Range(0, size).Select(rank => new Part(10 * rank, 3 * ((rank + 1) % size)))];
        Part[] taken = [.. Enumerable.Range(0, size).Select(rank => new Part(20 * rank, parts[processes.Rank].Length))];
        var given = Enumerable.Range(0, 10 * size).Select(number => number + 1000f * processes.Rank).ToArray();
        float[] expected = new float[20 * size];
        processes.AllToAll(given, parts, expected, taken);
        using var scope = torch.NewDisposeScope();
        var (from, into) = (torch.tensor(given), torch.zeros(20 * size));
        nccl.AllToAll(from, parts, into, taken);
        Assert.Equal(expected, into.data<float>().ToArray());
        processes.AllGather(given, parts);
        nccl.AllGather(from, parts);
        Assert.Equal(given, from.data<float>().ToArray());
    });

    [Fact]
    public void Where_one_rank_is_without_it_none_uses_it() => Assert.All(
        Ranks.All(3, processes => Nccl.Join(processes, Library, () => processes.Rank != 1)), Assert.Null);

    [Fact]
    public void A_library_that_lacks_a_function_is_none() =>
        Assert.Null(NcclLibrary.Of(name => name == "ncclSend" ? 0 : Function(name)));

    [Fact]
    public void An_error_ends_the_connection_and_is_reported_with_its_text() => Joined(2, (processes, nccl) =>
    {
        using var vector = torch.zeros(4);
        var before = _aborted;
        Assert.Equal("NCCL 2.21.5 reports error 5, invalid usage.",
            Assert.Throws<IOException>(() => nccl.AllGather(vector, [new(0, 2), new(2, Wrong)])).Message);
        Assert.True(_aborted > before);
        _group = null;
    });

    private const int Wrong = 12345;

    private static NcclLibrary Library { get; } = NcclLibrary.Of(Function)!;

    private static void Joined(int size, Work work) => Ranks.All(size, processes =>
    {
        using var nccl = Nccl.Join(processes, Library, () => true);
        Assert.NotNull(nccl);
        work(processes, nccl);
        return 0;
    });

    private static nint Function(string name) => name switch
    {
        "ncclGetVersion" => (nint)(delegate* unmanaged<int*, int>)&GetVersion,
        "ncclGetErrorString" => (nint)(delegate* unmanaged<int, byte*>)&ErrorText,
        "ncclGetUniqueId" => (nint)(delegate* unmanaged<byte*, int>)&GetUniqueId,
        "ncclCommInitRank" => (nint)(delegate* unmanaged<nint*, int, NcclId, int, int>)&CommInitRank,
        "ncclCommDestroy" => (nint)(delegate* unmanaged<nint, int>)&Destroy,
        "ncclCommAbort" => (nint)(delegate* unmanaged<nint, int>)&Abort,
        "ncclGroupStart" => (nint)(delegate* unmanaged<int>)&GroupStart,
        "ncclGroupEnd" => (nint)(delegate* unmanaged<int>)&GroupEnd,
        "ncclSend" => (nint)(delegate* unmanaged<float*, nuint, int, int, nint, nint, int>)&Send,
        "ncclRecv" => (nint)(delegate* unmanaged<float*, nuint, int, int, nint, nint, int>)&Receive,
        "ncclBroadcast" => (nint)(delegate* unmanaged<float*, float*, nuint, int, int, nint, nint, int>)&Broadcast,
        _ => 0,
    };

    // A communicator is 1000·size + rank + 1.
    private static (int Size, int Rank) Of(nint communicator) => ((int)communicator / 1000, (int)communicator % 1000 - 1);

    private static BlockingCollection<float[]> Box(nint from, nint to) => Mail.GetOrAdd((from, to), _ => []);

    [UnmanagedCallersOnly]
    private static int GetVersion(int* version)
    {
        *version = 22105;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static byte* ErrorText(int code)
    {
        fixed (byte* text = "invalid usage\0"u8)
            return text;
    }

    [UnmanagedCallersOnly]
    private static int GetUniqueId(byte* id)
    {
        new Span<byte>(id, NcclId.Length).Fill(7);
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int CommInitRank(nint* communicator, int size, NcclId id, int rank)
    {
        *communicator = 1000 * size + rank + 1;
        return new ReadOnlySpan<byte>(Unsafe.AsPointer(ref id), NcclId.Length).ContainsAnyExcept((byte)7) ? 4 : 0;
    }

    [UnmanagedCallersOnly]
    private static int Destroy(nint communicator) => 0;

    [UnmanagedCallersOnly]
    private static int Abort(nint communicator)
    {
        Interlocked.Increment(ref _aborted);
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int GroupStart()
    {
        if (_group is not null)
            return 5;
        _group = [];
        return 0;
    }

    // Nothing happens before the end, as in the library; then all that is sent is under way before anything is waited for.
    [UnmanagedCallersOnly]
    private static int GroupEnd()
    {
        if (_group is not { } group)
            return 5;
        _group = null;
        foreach (var action in group)
            action();
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int Send(float* from, nuint count, int type, int peer, nint communicator, nint stream)
    {
        var (size, rank) = Of(communicator);
        _group!.Insert(0, () => Box(communicator, 1000 * size + peer + 1).Add(new Span<float>(from, (int)count).ToArray()));
        return type == 7 && stream == 0 && rank < size ? 0 : 4;
    }

    [UnmanagedCallersOnly]
    private static int Receive(float* into, nuint count, int type, int peer, nint communicator, nint stream)
    {
        var (size, _) = Of(communicator);
        _group!.Add(() =>
        {
            var found = Box(1000 * size + peer + 1, communicator).Take();
            Assert.Equal((int)count, found.Length);
            found.CopyTo(new Span<float>(into, found.Length));
        });
        return type == 7 && stream == 0 ? 0 : 4;
    }

    [UnmanagedCallersOnly]
    private static int Broadcast(float* from, float* into, nuint count, int type, int root, nint communicator, nint stream)
    {
        if (count == Wrong)
            return 5;
        var (size, rank) = Of(communicator);
        if (rank == root)
            _group!.Insert(0, () =>
            {
                foreach (var peer in Enumerable.Range(0, size).Where(peer => peer != root))
                    Box(communicator, 1000 * size + peer + 1).Add(new Span<float>(from, (int)count).ToArray());
            });
        else
            _group!.Add(() => Box(1000 * size + root + 1, communicator).Take().CopyTo(new Span<float>(into, (int)count)));
        return type == 7 && stream == 0 ? 0 : 4;
    }
}
