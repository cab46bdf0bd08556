namespace Diffusion.Model.Distributed;

/// <summary>A single process: everything it asks for it has already.</summary>
public sealed class Alone : ICommunicator
{
    private Alone()
    {
    }

    /// <summary>The only one there need be.</summary>
    public static Alone Only { get; } = new();

    /// <inheritdoc/>
    public int Rank => 0;

    /// <inheritdoc/>
    public int Size => 1;

    /// <inheritdoc/>
    public string Name => "one process";

    /// <inheritdoc/>
    public void Broadcast(Span<byte> data)
    {
    }

    /// <inheritdoc/>
    public void AllGather(ReadOnlySpan<double> own, Span<double> all) => own.CopyTo(all);

    /// <inheritdoc/>
    public void AllGather(Span<float> all, ReadOnlySpan<Part> parts)
    {
    }

    /// <inheritdoc/>
    public void AllToAll(ReadOnlySpan<float> from, ReadOnlySpan<Part> given, Span<float> into, ReadOnlySpan<Part> taken) =>
        from.Slice(given[0].First, given[0].Length).CopyTo(into[taken[0].First..]);

    /// <inheritdoc/>
    public void Barrier()
    {
    }

    /// <inheritdoc/>
    public void Abort(int code) => Environment.Exit(code);

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
