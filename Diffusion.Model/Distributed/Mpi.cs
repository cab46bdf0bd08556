using System.Diagnostics;
using System.Text;
using Diffusion.Model.Files;

namespace Diffusion.Model.Distributed;

/// <summary>
/// Processes that an MPI launcher started, on one machine or many. MPI Forum 2021, "MPI: A Message-Passing Interface Standard".
/// </summary>
/// <remarks>
/// Large vectors go in pieces of 4 million numbers, which was twice as fast as one call. An error of the library ends all processes, as the
/// standard has it where nobody asks for anything else.
/// </remarks>
public sealed unsafe class Mpi : ICommunicator
{
    /// <summary>Numbers that are exchanged at once, at most.</summary>
    public const int Piece = 1 << 22;

    private const int Serialised = 2;

    // An order, which a process may have to wait for as long as rank 0 works alone.
    private const int Short = 1 << 12;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(2);

    private readonly Lock _lock = new();
    private readonly MpiLibrary _library;

    private Mpi(MpiLibrary library)
    {
        _library = library;
        var (rank, size) = (0, 0);
        library.Check(library.CommRank(library.World, &rank));
        library.Check(library.CommSize(library.World, &size));
        (Rank, Size) = (rank, size);
    }

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int Size { get; }

    /// <inheritdoc/>
    public string Name => _library.Name;

    /// <summary>Finds the library of MPI, and through it the others.</summary>
    /// <param name="launch">What the launcher says.</param>
    /// <exception cref="InputException">There is no library, or one of another MPI than the launcher is of.</exception>
    internal static Mpi Of(Launch launch)
    {
        // Open MPI, and UCX below either of them, would catch the signal by which .NET knows a null reference.
        SetVariable("OMPI_MCA_opal_signal", "");
        SetVariable("UCX_ERROR_SIGNALS", "");
        var library = MpiLibrary.Load(launch.IsOpenMpi);
        var provided = 0;
        library.Check(library.InitThread(null, null, Serialised, &provided));
        var found = new Mpi(library);
        if (found.Size == launch.Size)
            return found;
        throw new InputException(
            "MPI", $"{library.Name}, which knows of {found.Size} of the {launch.Size} processes that were started",
            $"the launcher of the same MPI ({library.Launcher})");
    }

    /// <inheritdoc/>
    public void Broadcast(Span<byte> data)
    {
        if (data.Length <= Short)
        {
            BroadcastShort(data);
            return;
        }
        for (var first = 0; first < data.Length; first += Piece)
        {
            var piece = data[first..Min(first + Piece, data.Length)];
            lock (_lock)
                fixed (byte* at = piece)
                    _library.Check(_library.Broadcast(at, piece.Length, _library.Byte, 0, _library.World));
        }
    }

    // The library's own waiting keeps a core busy, which may be another process's.
    private void BroadcastShort(Span<byte> data)
    {
        lock (_lock)
            fixed (byte* at = data)
            {
                var (request, isOver, start) = ((nint)0, 0, Stopwatch.GetTimestamp());
                _library.Check(_library.BroadcastBegin(at, data.Length, _library.Byte, 0, _library.World, &request));
                while (true)
                {
                    _library.Check(_library.Test(&request, &isOver, _library.NoStatus));
                    if (isOver != 0)
                        return;
                    if (Stopwatch.GetElapsedTime(start) > Patience)
                        Thread.Sleep(1);
                    else
                        Thread.Yield();
                }
            }
    }

    /// <inheritdoc/>
    public void AllGather(ReadOnlySpan<double> own, Span<double> all)
    {
        if (all.Length != own.Length * Size)
            throw new ArgumentException($"There is room for {all.Length} numbers of {Size} ranks with {own.Length} each.", nameof(all));
        var bytes = own.Length * sizeof(double);
        lock (_lock)
            fixed (double* from = own, into = all)
                _library.Check(_library.AllGather(from, bytes, _library.Byte, into, bytes, _library.Byte, _library.World));
    }

    /// <inheritdoc/>
    public void AllGather(Span<float> all, ReadOnlySpan<Part> parts)
    {
        var longest = Longest(parts);
        var share = Max(1, Piece / Size);
        for (var done = 0; done < longest; done += share)
        {
            var (counts, places) = Within(parts, done, share);
            lock (_lock)
                fixed (float* at = all)
                fixed (int* count = counts, place = places)
                    _library.Check(_library.AllGatherV(
                        _library.InPlace, 0, _library.Float, at, count, place, _library.Float, _library.World));
        }
    }

    /// <inheritdoc/>
    public void AllToAll(ReadOnlySpan<float> from, ReadOnlySpan<Part> given, Span<float> into, ReadOnlySpan<Part> taken)
    {
        var (sent, sentAt) = Within(given, 0, int.MaxValue);
        var (received, receivedAt) = Within(taken, 0, int.MaxValue);
        lock (_lock)
            fixed (float* source = from, target = into)
            fixed (int* count = sent, place = sentAt, ofCount = received, ofPlace = receivedAt)
                _library.Check(_library.AllToAllV(
                    source, count, place, _library.Float, target, ofCount, ofPlace, _library.Float, _library.World));
    }

    /// <inheritdoc/>
    public void Barrier()
    {
        lock (_lock)
            _library.Check(_library.Barrier(_library.World));
    }

    /// <inheritdoc/>
    public void Abort(int code) => _ = _library.Abort(_library.World, code);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
            _ = _library.Finalise();
    }

    private static int Longest(ReadOnlySpan<Part> parts)
    {
        var longest = 0;
        foreach (var part in parts)
            longest = Max(longest, part.Length);
        return longest;
    }

    // Counts and places of what lies in a range of every part.
    private static (int[] Counts, int[] Places) Within(ReadOnlySpan<Part> parts, int first, int length)
    {
        var (counts, places) = (new int[parts.Length], new int[parts.Length]);
        for (var rank = 0; rank < parts.Length; rank++)
        {
            counts[rank] = Clamp(parts[rank].Length - first, 0, length);
            places[rank] = parts[rank].First + Min(first, parts[rank].Length);
        }
        return (counts, places);
    }

    // What .NET sets stays within .NET.
    private static void SetVariable(string name, string value)
    {
        if (LibC.Find("setenv") is not { } found)
            return;
        fixed (byte* key = Encoding.UTF8.GetBytes(name + '\0'), text = Encoding.UTF8.GetBytes(value + '\0'))
            _ = ((delegate* unmanaged<byte*, byte*, int, int>)found)(key, text, 0);
    }
}
