using Diffusion.Math.Samplers;
using Diffusion.Math.Search;
using Diffusion.Math.Values;

namespace Diffusion.Host.Samplers;

/// <summary>What plans are searched for.</summary>
/// <param name="Sampler">The sampler whose levels and weights are searched.</param>
/// <param name="Calls">Network calls, each for a plan of its own; at least one number.</param>
public sealed record SearchOptions(Sampler Sampler, Sequence<int> Calls)
{
    /// <summary>Samples that are compared, unless someone says otherwise.</summary>
    public const int UsualCount = 32;

    /// <summary>Plans that are tried, unless someone says otherwise.</summary>
    public const int UsualTrials = 80;

    /// <summary>What may be chosen.</summary>
    public SearchFreedom Freedom { get; init; } = SearchFreedom.LevelsAndWeights;

    /// <summary>Samples that are compared; at least 1.</summary>
    public int Count { get; init; } = UsualCount;

    /// <summary>Plans that are tried at most; at least 1.</summary>
    public int Trials { get; init; } = UsualTrials;
}
