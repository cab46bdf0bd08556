using Diffusion.Math.Predictions;

namespace Diffusion.Specs.Reference;

/// <summary>guided-diffusion's names of the reverse step's variance.</summary>
public static class PeerVariance
{
    public static Variance Of(string name) => name switch
    {
        "FIXED_SMALL" => new Variance.Small(),
        "FIXED_LARGE" => new Variance.Large(),
        "LEARNED_RANGE" => new Variance.LearnedRange(),
        "LEARNED" => new Variance.LearnedLogarithm(),
        _ => throw new NotSupportedException($"variance '{name}'"),
    };
}
