using Diffusion.Math.Values;
using Diffusion.Model.Distributed;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>Which images of a batch, and which weights of a network, a process takes care of.</summary>
/// <remarks>
/// A batch has a fixed number of leaves, and the flat vector of parameters as many blocks. Each process has consecutive ones, equally
/// many of both. Neither depends on the number of processes, so that every sum is formed in the same order whoever forms it: those of
/// leaves by a binary tree, in which the leaves of one process are a whole subtree. The optimiser's state is divided as by ZeRO, stage 1:
/// Rajbhandari et al. 2020, "ZeRO: memory optimizations toward training trillion parameter models", Section 5.1.
/// </remarks>
internal sealed class Sharding : IDisposable
{
    // A vector operation may round its last few numbers otherwise than those before: all blocks but the last are of whole ones.
    private const long Grain = 64;

    private Nccl? _gpus;
    private bool _areGpusKnown;

    /// <summary>The division of a run.</summary>
    /// <param name="arena">The parameters.</param>
    /// <param name="recipe">Into how many shards, and whether matrices have to stay whole.</param>
    /// <param name="processes">Among whom.</param>
    /// <exception cref="InputException">So many processes cannot have the same number of shards.</exception>
    public Sharding(ParameterArena arena, Recipe recipe, ICommunicator processes)
    {
        (Processes, Shards) = (processes, recipe.Length.Shards);
        RefuseUneven(Shards, processes.Size);
        var all = arena.Values.numel();
        // Muon's update is of whole matrices.
        long[] cuts = recipe.Optimiser.Matrices is MatrixUpdate.Muon ? [.. arena.Slices.Select(slice => slice.Offset), all] : [];
        Blocks = Sequence.Generate(Shards, block => (From(block), From(block + 1) - From(block)));
        Leaves = Shards / processes.Size;
        FirstLeaf = processes.Rank * Leaves;
        Own = OwnOf(processes.Rank);

        long From(int block)
        {
            if (block == Shards)
                return all;
            var even = all * block / Shards / Grain * Grain;
            return cuts.Length == 0 ? even : cuts.MinBy(cut => Abs(cut - even));
        }
    }

    private Sharding(long all)
    {
        (Processes, Shards, Leaves) = (Alone.Only, 1, 1);
        Blocks = [(0, all)];
        Own = (0, all);
    }

    /// <summary>No division at all.</summary>
    public static Sharding None(ParameterArena arena) => new(arena.Values.numel());

    /// <summary>Among whom.</summary>
    public ICommunicator Processes { get; }

    /// <summary>Leaves of a batch, and blocks of the parameters.</summary>
    public int Shards { get; }

    /// <summary>All blocks of the parameters.</summary>
    public Sequence<(long First, long Length)> Blocks { get; }

    /// <summary>The first leaf of this process, which is also its first block.</summary>
    public int FirstLeaf { get; }

    /// <summary>How many leaves and blocks it has.</summary>
    public int Leaves { get; }

    /// <summary>The parameters whose moments and averages are here.</summary>
    public (long First, long Length) Own { get; }

    /// <summary>The blocks of this process.</summary>
    public IEnumerable<(long First, long Length)> OwnBlocks => Blocks.Skip(FirstLeaf).Take(Leaves);

    /// <summary>The parameters of every rank.</summary>
    public Sequence<(long First, long Length)> Parts => Sequence.Generate(Processes.Size, OwnOf);

    /// <summary>Refuses a number of processes that cannot have equally many shards.</summary>
    /// <param name="shards">The shards of a recipe.</param>
    /// <param name="processes">How many processes there are.</param>
    /// <exception cref="InputException">They cannot.</exception>
    public static void RefuseUneven(int shards, int processes)
    {
        if (shards % processes != 0)
            throw new InputException(
                "length.shards", $"{Counted.Of(shards, "shard")} for {Counted.Of(processes, "process", "processes")}",
                shards == 1 ? "one process, or a new run with --set length.shards=8 and 2, 4 or 8 of them"
                    : "a number of processes that divides the shards");
    }

    /// <summary>What carries vectors from GPU to GPU; null where they go by way of the host. Collective where they are on GPUs.</summary>
    /// <param name="flat">A vector where all are.</param>
    public Nccl? GpusOf(Tensor flat)
    {
        if (!_areGpusKnown && flat.device_type == DeviceType.CUDA)
            (_gpus, _areGpusKnown) = (Nccl.Join(Processes, flat.device), true);
        return _gpus;
    }

    /// <inheritdoc/>
    public void Dispose() => _gpus?.Dispose();

    private (long First, long Length) OwnOf(int rank)
    {
        var (first, last) = (Blocks[rank * Leaves], Blocks[(rank + 1) * Leaves - 1]);
        return (first.First, last.First + last.Length - first.First);
    }
}

/// <summary>A part of a batch whose gradient is computed by itself.</summary>
/// <param name="Index">Which one, from 0.</param>
/// <param name="Count">How many the batch has.</param>
public readonly record struct BatchLeaf(int Index, int Count)
{
    /// <summary>A batch that is not divided.</summary>
    public static BatchLeaf Whole { get; } = new(0, 1);

    /// <summary>The stream of random numbers of this leaf; that of the batch where it is all of it.</summary>
    internal Seed Of(Seed batch) => Count == 1 ? batch : batch.For(Index);
}
