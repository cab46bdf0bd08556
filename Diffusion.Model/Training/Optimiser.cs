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
    private readonly Muon? _muon;
    private readonly Sequence<(long First, long Length)> _ofAdam;

    /// <summary>
    /// Begins with the arena's present weights, which are also where every average begins; one whose first decay is 0 then copies the
    /// first update.
    /// </summary>
    public Optimiser(ParameterArena arena, OptimiserRecipe recipe, Sequence<EmaDecay> averages, AdamKernel? kernel = null)
    {
        (_arena, _recipe, _decays, _kernel) = (arena, recipe, averages, kernel ?? AdamKernel.Best);
        _muon = recipe.Matrices is MatrixUpdate.Muon ? new(arena) : null;
        var all = arena.Values.numel();
        _ofAdam = _muon is null ? Pieces(all) : HiddenMatrices.Rest(arena.Slices, all);
        State = AdamState.Of(arena);
        Ema = averages.Select(_ => Copied(arena)).ToSequence();
        GradientNorm = zeros_like(State.Updates).DetachFromDisposeScope();
        Skipped = zeros(2, int64, arena.Values.device).DetachFromDisposeScope();
    }

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
        State.Rate.fill_(Number.Of(_recipe.Rate.At(update)));
        State.Count();
        double[] shares = [.. _decays.Select(decay => 1 - decay.At(update))];
        if (_muon is not null && _recipe.Matrices is MatrixUpdate.Muon muon)
        {
            _muon.Apply(State, muon, _recipe.WeightDecay);
            foreach (var (first, length) in _ofAdam)
                Update(first, length);
            foreach (var (first, length) in Pieces(_arena.Values.numel()))
                Average(first, length, shares);
            return;
        }
        foreach (var (first, length) in _ofAdam)
        {
            Update(first, length);
            Average(first, length, shares);
        }
    }

    private Sequence<(long First, long Length)> Pieces(long all)
    {
        var size = _arena.Values.device_type == DeviceType.CPU ? Piece : all;
        return Sequence.Generate((int)((all + size - 1) / size), index => (index * size, Min(size, all - index * size)));
    }

    private void Update(long first, long length)
    {
        using var scope = NewDisposeScope();
        _kernel.Apply(
            State.Part(first, length), _arena.Values.narrow(0, first, length), _arena.Gradients.narrow(0, first, length), _recipe);
    }

    private void Average(long first, long length, double[] shares)
    {
        using var scope = NewDisposeScope();
        var values = _arena.Values.narrow(0, first, length);
        foreach (var (average, share) in Ema.Zip(shares))
            average.narrow(0, first, length).lerp_(values, share);
        _arena.Gradients.narrow(0, first, length).zero_();
    }

    // Clipping multiplies gradients by min(1, limit / (norm + 1e-6)). Pascanu et al. 2013, Algorithm 1.
    private void ClipGradients()
    {
        var norm = Norm(_arena.Gradients);
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

    // A norm of one long row is computed by one thread only.
    private static Tensor Norm(Tensor flat)
    {
        var rows = flat.numel() / NormRow;
        var (even, rest) = (
            flat.narrow(0, 0, rows * NormRow).view(rows, NormRow), flat.narrow(0, rows * NormRow, flat.numel() - rows * NormRow));
        return cat([even.norm(dim: 1), rest.norm().unsqueeze(0)]).norm();
    }

    private static Tensor Copied(ParameterArena arena)
    {
        var copy = arena.NewFlat();
        using var guard = no_grad();
        return copy.copy_(arena.Values);
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
