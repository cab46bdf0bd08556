using System.Runtime.InteropServices;
using Diffusion.Model.Distributed;

namespace Diffusion.Specs.Distributed;

/// <summary>Ranks that are threads of this process and exchange messages through its memory.</summary>
internal sealed class Ranks : IDisposable
{
    private readonly Barrier _barrier;
    private readonly Memory[] _given;

    private Ranks(int size) => (_barrier, _given) = (new(size), new Memory[size]);

    /// <summary>Has every rank do the same; returns the results in order.</summary>
    /// <exception cref="AggregateException">One has failed.</exception>
    public static T[] All<T>(int size, Func<ICommunicator, T> work)
    {
        using var ranks = new Ranks(size);
        var tasks = Enumerable.Range(0, size).Select(rank => Task.Factory.StartNew(
            () =>
            {
                World.Join(new Member(ranks, rank, size));
                return work(World.Current);
            }, TaskCreationOptions.LongRunning)).ToArray();
        Task.WaitAll(tasks);
        return [.. tasks.Select(task => task.Result)];
    }

    public void Dispose() => _barrier.Dispose();

    private readonly record struct Memory(byte[] Bytes, Part[] Parts);

    private sealed class Member(Ranks ranks, int rank, int size) : ICommunicator
    {
        public int Rank => rank;

        public int Size => size;

        public string Name => "threads";

        public void Broadcast(Span<byte> data)
        {
            Give(data.ToArray(), []);
            ranks._given[0].Bytes.CopyTo(data);
            Barrier();
        }

        public void AllGather(ReadOnlySpan<double> own, Span<double> all)
        {
            Give(MemoryMarshal.AsBytes(own).ToArray(), []);
            for (var other = 0; other < size; other++)
                ranks._given[other].Bytes.CopyTo(
                    MemoryMarshal.AsBytes(all.Slice(other * own.Length, own.Length)));
            Barrier();
        }

        public void AllGather(Span<float> all, ReadOnlySpan<Part> parts)
        {
            Give(Bytes(all.Slice(parts[rank].First, parts[rank].Length)), []);
            for (var other = 0; other < size; other++)
                Numbers(ranks._given[other].Bytes).CopyTo(all.Slice(parts[other].First, parts[other].Length));
            Barrier();
        }

        public void AllToAll(ReadOnlySpan<float> from, ReadOnlySpan<Part> given, Span<float> into, ReadOnlySpan<Part> taken)
        {
            Give(Bytes(from), given.ToArray());
            for (var other = 0; other < size; other++)
            {
                var (bytes, parts) = ranks._given[other];
                Assert.Equal(parts[rank].Length, taken[other].Length);
                Numbers(bytes).Slice(parts[rank].First, parts[rank].Length).CopyTo(into[taken[other].First..]);
            }
            Barrier();
        }

        public void Barrier() => ranks._barrier.SignalAndWait(TimeSpan.FromMinutes(1));

        public void Abort(int code) => throw new InvalidOperationException($"Rank {rank} ends all.");

        public void Dispose()
        {
        }

        private void Give(byte[] bytes, Part[] parts)
        {
            ranks._given[rank] = new(bytes, parts);
            Barrier();
        }

        private static byte[] Bytes(ReadOnlySpan<float> numbers) =>
            MemoryMarshal.AsBytes(numbers).ToArray();

        private static ReadOnlySpan<float> Numbers(byte[] bytes) =>
            MemoryMarshal.Cast<byte, float>(bytes);
    }
}
