using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>What happens to the weights after a backward pass: clip, update, average, forget the gradients.</summary>
/// <remarks>
/// Each is one call on the arena, or, on a CPU, one on each piece of it in turn, which stays in the cache from the first to the last.
/// Nothing here waits for the device: whether gradients were finite is decided and counted there.
/// </remarks>
public sealed class Optimiser : IDisposable
{
    // What torch adds to the norm before dividing by it.
    private const double NormFloor = 1e-6;

    // Of four or five tensors in single precision, a piece takes 20 MB.
    private const long Piece = 1 << 20;

    // Long enough to be added up without looking back, short enough that there are rows for all threads.
    private const long NormRow = 1 << 12;

    private readonly ParameterArena _arena;
    private readonly OptimiserRecipe _recipe;
    private readonly Sequence<EmaDecay> _decays;
    private readonly AdamKernel _kernel;
    private readonly Sharding _sharding;
    private readonly Sequence<OptimiserBlock> _blocks;

    /// <summary>
    /// Begins with the arena's present weights, which are also where every average begins; one whose first decay is 0 then copies the
    /// first update.
    /// </summary>
    public Optimiser(ParameterArena arena, OptimiserRecipe recipe, Sequence<EmaDecay> averages, AdamKernel? kernel = null)
        : this(Sharding.None(arena), arena, recipe, averages, kernel)
    {
    }

    /// <summary>The same of the weights that are a process's own.</summary>
    internal Optimiser(
        Sharding sharding, ParameterArena arena, OptimiserRecipe recipe, Sequence<EmaDecay> averages, AdamKernel? kernel = null)
    {
        (_sharding, _arena, _recipe, _decays, _kernel) = (sharding, arena, recipe, averages, kernel ?? AdamKernel.Best);
        Rate = recipe.Rate;
        _blocks = sharding.OwnBlocks.Select(block => Block(block.First, block.First + block.Length)).ToSequence();
        State = AdamState.Of(arena, sharding.Own.Length);
        Ema = averages.Select(_ => arena.NewFlat(sharding.Own.Length)).ToSequence();
        BeginAverages();
        GradientNorm = zeros_like(State.Updates).DetachFromDisposeScope();
        Skipped = zeros(2, int64, arena.Values.device).DetachFromDisposeScope();
    }

    /// <summary>The learning rate: the recipe's, unless the run was renewed.</summary>
    public LearningRate Rate { get; internal set; }

    /// <summary>The arithmetic of matrix products, as of the network's; float32 unless set.</summary>
    public Precision Precision { get; init; }

    /// <summary>Adam's moments and counters.</summary>
    public AdamState State { get; }

    /// <summary>The averages of the weights, flat, in the recipe's order.</summary>
    public Sequence<Tensor> Ema { get; }

    /// <summary>The global norm of the gradients of the last update, before clipping; a single number.</summary>
    public Tensor GradientNorm { get; private set; }

    /// <summary>Updates that did not happen because a gradient was not finite: [in a row up to now, in the whole run].</summary>
    public Tensor Skipped { get; }

    /// <summary>Applies the gradients that have gathered in the arena, then sets them to zero.</summary>
    /// <param name="update">How many updates came before; what rate and decays depend on.</param>
    public void Apply(long update)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        ClipGradients();
        State.Rate.fill_(Number.Of(Rate.At(update)));
        State.Count();
        double[] shares = [.. _decays.Select(decay => 1 - decay.At(update))];
        foreach (var block in _blocks)
            Apply(block, shares);
        FlatVector.Complete(_arena.Values, _sharding);
    }

    /// <summary>Has every average begin with the present weights.</summary>
    internal void BeginAverages()
    {
        using var guard = no_grad();
        using var own = _arena.Values.narrow(0, _sharding.Own.First, _sharding.Own.Length);
        foreach (var average in Ema)
            average.copy_(own);
    }

    private void Apply(OptimiserBlock block, double[] shares)
    {
        if (block.Muon is not null && _recipe.Matrices is MatrixUpdate.Muon muon)
        {
            block.Muon.Apply(State, muon, _recipe.WeightDecay, Precision);
            foreach (var (first, length) in block.OfAdam)
                Update(first, length);
            foreach (var (first, length) in block.Pieces)
                Average(first, length, shares);
            return;
        }
        foreach (var (first, length) in block.Pieces)
        {
            Update(first, length);
            Average(first, length, shares);
        }
    }

    private OptimiserBlock Block(long from, long to)
    {
        var size = _arena.Values.device_type == DeviceType.CPU ? Piece : Max(1, to - from);
        var pieces = Sequence.Generate(
            (int)((to - from + size - 1) / size), index => (from + index * size, Min(size, to - from - index * size)));
        if (_recipe.Matrices is not MatrixUpdate.Muon)
            return new(pieces, pieces, null);
        var slices = _arena.Slices.Where(slice => slice.Offset >= from && slice.Offset < to).ToSequence();
        return new(pieces, HiddenMatrices.Rest(slices, from, to), new(_arena, slices, _sharding.Own.First));
    }

    private void Update(long first, long length)
    {
        using var scope = NewDisposeScope();
        _kernel.Apply(
            State.Part(first - _sharding.Own.First, length), _arena.Values.narrow(0, first, length),
            _arena.Gradients.narrow(0, first, length), _recipe);
    }

    private void Average(long first, long length, double[] shares)
    {
        using var scope = NewDisposeScope();
        var values = _arena.Values.narrow(0, first, length);
        foreach (var (average, share) in Ema.Zip(shares))
            average.narrow(0, first - _sharding.Own.First, length).lerp_(values, share);
        _arena.Gradients.narrow(0, first, length).zero_();
    }

    // Clipping multiplies gradients by min(1, limit / (norm + 1e-6)). Pascanu et al. 2013, Algorithm 1.
    private void ClipGradients()
    {
        var norm = _sharding.Shards == 1 ? Norm(_arena.Gradients) : NormOfBlocks();
        var overflow = norm.isfinite().logical_not();
        State.Overflow.copy_(overflow);
        var scale = norm.Plus(NormFloor).Over(_recipe.ClipNorm).clamp_(min: Number.One);
        // The fused kernel takes the scale in single precision only.
        if (_arena.Gradients.dtype == float64)
            _arena.Gradients.div_(scale);
        else
            State.GradientScale.copy_(scale);
        GradientNorm.copy_(norm);
        using var bad = overflow.to(int64);
        var row = Skipped.narrow(0, 0, 1);
        row.add_(Number.One, Number.One).mul_(bad);
        Skipped.narrow(0, 1, 1).add_(bad, Number.One);
    }

    // Each process knows the norms of all blocks, and takes them together alike.
    private Tensor NormOfBlocks()
    {
        double[] own = [.. _sharding.OwnBlocks.Select(block =>
            Norm(_arena.Gradients.narrow(0, block.First, block.Length)).to(float64).item<double>())];
        var all = new double[_sharding.Shards];
        _sharding.Processes.AllGather(own, all);
        return tensor(all).to(_arena.Gradients.dtype).to(_arena.Gradients.device).norm();
    }

    // A norm of one long row is computed by one thread only.
    private static Tensor Norm(Tensor flat)
    {
        var rows = flat.numel() / NormRow;
        var (even, rest) = (
            flat.narrow(0, 0, rows * NormRow).view(rows, NormRow), flat.narrow(0, rows * NormRow, flat.numel() - rows * NormRow));
        return cat([even.norm(dim: 1), rest.norm().unsqueeze(0)]).norm();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        State.Dispose();
        GradientNorm.Dispose();
        Skipped.Dispose();
        foreach (var average in Ema)
            average.Dispose();
    }
}

/// <summary>Neighbouring weights that are updated together.</summary>
/// <param name="Pieces">Their places and lengths, in pieces that stay in the cache.</param>
/// <param name="OfAdam">Those that Adam updates.</param>
/// <param name="Muon">What updates the others; null where there are none.</param>
internal sealed record OptimiserBlock(
    Sequence<(long First, long Length)> Pieces, Sequence<(long First, long Length)> OfAdam, Muon? Muon);
