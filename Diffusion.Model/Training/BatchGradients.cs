using Diffusion.Model.Datasets;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>The gradients of the batches of a run, leaf by leaf where they are divided, in as many parts as memory asks for.</summary>
/// <param name="length">The size of a batch.</param>
/// <param name="step">Passes a leaf through the network and back.</param>
/// <param name="batches">The images.</param>
/// <param name="arena">Where the gradients gather.</param>
/// <param name="sharding">Who has which leaves.</param>
internal sealed class BatchGradients(
    LengthRecipe length, TrainingStep step, Batches batches, ParameterArena arena, Sharding sharding) : IDisposable
{
    private readonly GradientTree _tree = new(arena, sharding);
    private readonly int _leaf = length.Batch / sharding.Shards;

    /// <summary>Images that pass through the network at once.</summary>
    public int AtOnce => step.MicroBatch > 0 ? Min(step.MicroBatch, _leaf) : _leaf;

    /// <summary>Computes the gradients of an update; the arena then has those of the weights that are this process's own.</summary>
    /// <param name="update">How many updates came before.</param>
    /// <returns>The loss of the whole batch, a single number on the device.</returns>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">Memory does not suffice even for one image.</exception>
    public Tensor Of(long update) => sharding.Shards == 1 ? OfWhole(update) : OfLeaves(update);

    /// <summary>Adds the gradients of an update, those of all leaves, to those in the arena, by this process alone.</summary>
    /// <param name="update">How many updates came before.</param>
    public void OfAllHere(long update)
    {
        for (var leaf = 0; leaf < sharding.Shards; leaf++)
        {
            using var batch = Take(update, leaf);
            step.Backward(batch, update, new(leaf, sharding.Shards)).Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _tree.Dispose();

    private Batch Take(long update, int leaf) => batches.Take(update * length.Batch + (long)leaf * _leaf, _leaf);

    private Tensor OfWhole(long update)
    {
        using var batch = Take(update, 0);
        while (true)
        {
            try
            {
                return step.Backward(batch, update, BatchLeaf.Whole);
            }
            catch (Exception shortage) when (OutOfMemory.IsMeantBy(shortage) && AtOnce > 1)
            {
                // Of the parts that did pass.
                arena.Gradients.zero_();
                step.MicroBatch = (AtOnce + 1) / 2;
            }
        }
    }

    // Where memory is short for one process, all make the step anew in smaller parts: the size of a part decides the last bits.
    private Tensor OfLeaves(long update)
    {
        var processes = sharding.Processes;
        while (true)
        {
            var before = AtOnce;
            double[] own = [.. OwnLeaves(update), AtOnce];
            var all = new double[own.Length * processes.Size];
            processes.AllGather(own, all);
            var ranks = all.Chunk(own.Length).ToArray();
            var least = (int)ranks.Min(rank => rank[^1]);
            if (least == before)
            {
                _tree.Exchange();
                return tensor(Sum([.. ranks.SelectMany(rank => rank[..^1])]), float64, arena.Gradients.device);
            }
            step.MicroBatch = least;
        }
    }

    // The losses of the leaves; of no use where memory was short.
    private double[] OwnLeaves(long update)
    {
        var losses = new double[sharding.Leaves];
        _tree.Begin();
        for (var leaf = 0; leaf < losses.Length; leaf++)
        {
            using var scope = NewDisposeScope();
            try
            {
                var batch = Take(update, sharding.FirstLeaf + leaf);
                losses[leaf] = step.Backward(batch, update, new(sharding.FirstLeaf + leaf, sharding.Shards)).to(float64).item<double>();
            }
            catch (Exception shortage) when (OutOfMemory.IsMeantBy(shortage) && AtOnce > 1)
            {
                step.MicroBatch = (AtOnce + 1) / 2;
                return losses;
            }
            _tree.Add(leaf == losses.Length - 1 ? LeafPlace.Last : LeafPlace.Before);
        }
        return losses;
    }

    // Pair by pair, as the gradients.
    private static double Sum(double[] leaves)
    {
        for (; leaves.Length > 1; leaves = [.. leaves.Chunk(2).Select(pair => pair[0] + pair[1])])
        {
        }
        return leaves[0];
    }
}
