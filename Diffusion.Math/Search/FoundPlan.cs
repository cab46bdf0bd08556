using Diffusion.Math.Plans;

namespace Diffusion.Math.Search;

/// <summary>Some samples of a model, by their noise.</summary>
/// <param name="Space">The vectors' space.</param>
/// <param name="Interpreter">The model and the noise of these samples.</param>
/// <typeparam name="T">The vectors.</typeparam>
public sealed record SearchSamples<T>(IInnerProducts<T> Space, Interpreter<T> Interpreter)
{
    /// <summary>Opened around each trial; what was made in it may be given back when it closes.</summary>
    public Func<IDisposable?> Scope { get; init; } = () => null;
}

/// <summary>A plan that was found.</summary>
/// <param name="Plan">The plan; the start itself where nothing better was found.</param>
/// <param name="Matched">The distance of the samples that were compared, relative to their size.</param>
/// <param name="Unseen">The same of samples that the search did not see.</param>
public sealed record FoundPlan(SamplerPlan Plan, Improvement Matched, Improvement Unseen)
{
    /// <summary>How many plans were tried.</summary>
    public int Trials { get; init; }
}

/// <summary>A distance to the teacher before and after a search.</summary>
/// <param name="Before">Of the sampler's usual levels.</param>
/// <param name="After">Of the plan that was found.</param>
public readonly record struct Improvement(double Before, double After);
