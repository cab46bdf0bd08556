using Diffusion.Math.Values;

namespace Diffusion.Model.Sampling;

/// <summary>Samples whose numbers follow one another.</summary>
/// <param name="First">Number of the first; at least 0.</param>
/// <param name="Count">How many; at least 1.</param>
public sealed record SampleRange(long First, int Count)
{
    /// <summary>Number of the first; at least 0.</summary>
    public long First { get; init => field = Require.AtLeast(value, 0, nameof(First)); } = Require.AtLeast(First, 0);

    /// <summary>How many; at least 1.</summary>
    public int Count { get; init => field = Require.AtLeast(value, 1, nameof(Count)); } = Require.AtLeast(Count, 1);
}
