using Diffusion.Model.Distributed;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>
/// Adds up the gradients of the leaves of a batch in the order of a binary tree, and gives each process those of its weights.
/// </summary>
/// <remarks>
/// A sum of two numbers is the same in every library and order, a sum of more is not: so sums are formed here, pair by pair, and messages
/// only carry numbers. What a process sends and receives in a step is (P − 1)/P of the gradients, whatever the number of leaves.
/// </remarks>
/// <param name="arena">Where the gradients of a leaf gather, and at last those of the own weights.</param>
/// <param name="sharding">Who has what.</param>
internal sealed class GradientTree(ParameterArena arena, Sharding sharding) : IDisposable
{
    private readonly Stack<(int Level, Tensor Sum)> _pending = [];
    private readonly Stack<Tensor> _spare = [];

    /// <summary>Forgets all leaves.</summary>
    public void Begin()
    {
        while (_pending.TryPop(out var left))
            _spare.Push(left.Sum);
        arena.Gradients.zero_();
    }

    /// <summary>Takes the gradients of the next leaf from the arena; after the last one of this process the arena has their sum.</summary>
    /// <param name="place">Whether it is the last one.</param>
    public void Add(LeafPlace place)
    {
        using var guard = no_grad();
        var level = 0;
        for (; _pending.TryPeek(out var before) && before.Level == level; level++)
        {
            arena.Gradients.add_(before.Sum, Number.One);
            _spare.Push(_pending.Pop().Sum);
        }
        if (place == LeafPlace.Last)
            return;
        var sum = _spare.TryPop(out var spare) ? spare : arena.NewFlat();
        sum.copy_(arena.Gradients);
        _pending.Push((level, sum));
        arena.Gradients.zero_();
    }

    /// <summary>
    /// Adds the sums of all processes; the arena then has the gradients of the own weights, and elsewhere nothing of use.
    /// </summary>
    public void Exchange()
    {
        var (processes, size) = (sharding.Processes, sharding.Processes.Size);
        if (size == 1)
            return;
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var gpus = sharding.GpusOf(arena.Gradients);
        // Where messages can reach it.
        var near = gpus is null ? arena.Gradients.cpu() : arena.Gradients;
        var parts = FlatVector.Parts(sharding, near);
        var (own, longest, room) = (parts[processes.Rank], parts.Max(part => part.Length), Mpi.Piece / size);
        var width = FlatNumbers.WidthOf(near);
        var pieces = empty([size, room / width], near.dtype, near.device);
        var flat = pieces.flatten();
        for (var done = 0; done < longest; done += room)
        {
            using var piece = NewDisposeScope();
            var length = Clamp(own.Length - done, 0, room);
            Part[] given = [.. parts.Select(part => new Part(part.First + Min(done, part.Length), Clamp(part.Length - done, 0, room)))];
            Part[] taken = [.. Enumerable.Range(0, size).Select(rank => new Part(rank * room, length))];
            if (gpus is null)
                processes.AllToAll(FlatNumbers.Of(near), given, FlatNumbers.Of(flat), taken);
            else
                gpus.AllToAll(near, given, flat, taken);
            if (length == 0)
                continue;
            var rows = pieces.narrow(1, 0, length / width);
            for (var step = 1; step < size; step *= 2)
                for (var rank = 0; rank + step < size; rank += 2 * step)
                    rows[rank].add_(rows[rank + step], Number.One);
            near.narrow(0, (own.First + done) / width, length / width).copy_(rows[0]);
        }
        if (gpus is null && arena.Gradients.device_type != DeviceType.CPU)
            arena.Gradients.narrow(0, sharding.Own.First, sharding.Own.Length)
                .copy_(near.narrow(0, sharding.Own.First, sharding.Own.Length));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Begin();
        foreach (var sum in _spare)
            sum.Dispose();
    }
}

/// <summary>Where a leaf stands among those of its process.</summary>
internal enum LeafPlace
{
    /// <summary>Others follow.</summary>
    Before,

    /// <summary>No other follows.</summary>
    Last,
}
