namespace Diffusion.Model.Distributed;

/// <summary>The processes that work on one thing together, as one of them sees them: ranks 0 to <see cref="Size"/> − 1.</summary>
/// <remarks>
/// Every operation but <see cref="Abort"/> is collective: all ranks call it, in the same order, and none returns before it has what it
/// asked for. One thread at a time. Nothing is computed here, so that no result depends on the library's order of summation.
/// </remarks>
public interface ICommunicator : IDisposable
{
    /// <summary>The number of this process, in [0, <see cref="Size"/>).</summary>
    int Rank { get; }

    /// <summary>How many processes there are; at least 1.</summary>
    int Size { get; }

    /// <summary>The library that carries messages, in a few words.</summary>
    string Name { get; }

    /// <summary>Gives the bytes of rank 0 to all.</summary>
    /// <param name="data">Of the same length on every rank.</param>
    void Broadcast(Span<byte> data);

    /// <summary>Gives the numbers of every rank to all.</summary>
    /// <param name="own">Of the same length on every rank.</param>
    /// <param name="all">Those of rank 0, then of rank 1, and so on; <see cref="Size"/> times as long.</param>
    void AllGather(ReadOnlySpan<double> own, Span<double> all);

    /// <summary>Gives a part of a vector, which each rank has, to all.</summary>
    /// <param name="all">The vector; the own part is read, the others are written.</param>
    /// <param name="parts">Where the part of each rank lies; a part may be empty.</param>
    void AllGather(Span<float> all, ReadOnlySpan<Part> parts);

    /// <summary>Gives each rank a part of its own of what every rank has.</summary>
    /// <param name="from">What is given.</param>
    /// <param name="given">Where in it the part for each rank lies.</param>
    /// <param name="into">What is taken.</param>
    /// <param name="taken">Where in it the part from each rank is wanted.</param>
    void AllToAll(ReadOnlySpan<float> from, ReadOnlySpan<Part> given, Span<float> into, ReadOnlySpan<Part> taken);

    /// <summary>Returns when all ranks have called it.</summary>
    void Barrier();

    /// <summary>Ends all processes at once; does not return.</summary>
    /// <param name="code">The exit code.</param>
    void Abort(int code);
}

/// <summary>A part of a vector.</summary>
/// <param name="First">Its first number.</param>
/// <param name="Length">How many numbers.</param>
public readonly record struct Part(int First, int Length);
