using Diffusion.Math.Values;

namespace Diffusion.Math.Plans;

/// <summary>One summand of a linear combination.</summary>
/// <param name="Weight">Its scalar weight; finite.</param>
/// <param name="Slot">What is weighted.</param>
public readonly record struct Term(double Weight, Slot Slot)
{
    /// <summary>Its scalar weight; finite.</summary>
    public double Weight { get; init => field = Require.Finite(value, nameof(Weight)); } = Require.Finite(Weight);
}
