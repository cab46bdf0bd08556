using System.Diagnostics;
using Diffusion.Model.Distributed;

namespace Diffusion.Host.Benchmarks;

/// <summary>Takes the time that a process spends in messages, which is also that of waiting for the slowest one.</summary>
/// <param name="inner">What carries the messages.</param>
internal sealed class TimedCommunicator(ICommunicator inner) : ICommunicator
{
    private readonly Stopwatch _clock = new();

    /// <summary>Time so far.</summary>
    public TimeSpan Spent => _clock.Elapsed;

    /// <inheritdoc/>
    public int Rank => inner.Rank;

    /// <inheritdoc/>
    public int Size => inner.Size;

    /// <inheritdoc/>
    public string Name => inner.Name;

    /// <inheritdoc/>
    public void Broadcast(Span<byte> data)
    {
        _clock.Start();
        inner.Broadcast(data);
        _clock.Stop();
    }

    /// <inheritdoc/>
    public void AllGather(ReadOnlySpan<double> own, Span<double> all)
    {
        _clock.Start();
        inner.AllGather(own, all);
        _clock.Stop();
    }

    /// <inheritdoc/>
    public void AllGather(Span<float> all, ReadOnlySpan<Part> parts)
    {
        _clock.Start();
        inner.AllGather(all, parts);
        _clock.Stop();
    }

    /// <inheritdoc/>
    public void AllToAll(ReadOnlySpan<float> from, ReadOnlySpan<Part> given, Span<float> into, ReadOnlySpan<Part> taken)
    {
        _clock.Start();
        inner.AllToAll(from, given, into, taken);
        _clock.Stop();
    }

    /// <inheritdoc/>
    public void Barrier()
    {
        _clock.Start();
        inner.Barrier();
        _clock.Stop();
    }

    /// <inheritdoc/>
    public void Abort(int code) => inner.Abort(code);

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
