using Diffusion.Model.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>Operations that keep the expected magnitude of uncorrelated activations. Karras et al. 2024, appendix B.</summary>
internal static class MagnitudePreserving
{
    private const double Epsilon = 1e-4;

    // The root mean square of SiLU of a standard normal number.
    private const double SiluGain = 0.596;

    /// <summary>To a root mean square of 1 over one dimension.</summary>
    /// <remarks>Eq. 30 with ε = 10⁻⁴ added to the root mean square.</remarks>
    public static Tensor Normalise(Tensor state, int dimension)
    {
        using var scope = NewDisposeScope();
        var magnitude = state.norm(dimension, keepdim: true).Over(Sqrt(state.shape[dimension])).Plus(Epsilon);
        return (state / magnitude).MoveToOuterDisposeScope();
    }

    /// <summary>The weights of each output, which is the first dimension, to a root mean square of 1.</summary>
    public static Tensor Normalise(Parameter weight)
    {
        using var scope = NewDisposeScope();
        return Normalise(weight.flatten(1), 1).view(weight.shape).MoveToOuterDisposeScope();
    }

    /// <summary>SiLU divided by what it takes from a standard normal number. Eq. 81.</summary>
    public static Tensor Silu(Tensor state)
    {
        using var scope = NewDisposeScope();
        return functional.silu(state).div_(Number.Of(SiluGain)).MoveToOuterDisposeScope();
    }

    /// <summary>((1 − t)·a + t·b) / √((1 − t)² + t²). Eq. 88.</summary>
    /// <param name="one">a.</param>
    /// <param name="other">b.</param>
    /// <param name="share">t, in [0, 1].</param>
    public static Tensor Sum(Tensor one, Tensor other, double share)
    {
        using var scope = NewDisposeScope();
        var length = Sqrt((1 - share) * (1 - share) + share * share);
        return one.Times((1 - share) / length).add(other, Number.Of(share / length)).MoveToOuterDisposeScope();
    }

    /// <summary>The channels of both, weighted so that each contributes its share to a sum over all of them. Eq. 103.</summary>
    /// <inheritdoc cref="Sum"/>
    public static Tensor Join(Tensor one, Tensor other, double share)
    {
        using var scope = NewDisposeScope();
        var (own, its) = (one.shape[1], other.shape[1]);
        var whole = Sqrt((own + its) / ((1 - share) * (1 - share) + share * share));
        return cat([one.Times(whole / Sqrt(own) * (1 - share)), other.Times(whole / Sqrt(its) * share)], 1).MoveToOuterDisposeScope();
    }
}
