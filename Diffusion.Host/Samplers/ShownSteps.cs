using System.Globalization;
using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Values;

namespace Diffusion.Host.Samplers;

/// <summary>Which of many moments are shown, at equal distances; the last one is always among them.</summary>
/// <param name="steps">How many moments there are.</param>
/// <param name="most">How many are shown at most; at least 1.</param>
public sealed class ShownSteps(int steps, int most)
{
    /// <summary>How many are shown.</summary>
    public int Count { get; } = Min(steps, Require.AtLeast(most, 1));

    /// <summary>The moments of a plan: the state that each step sets out from, and the end.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="most">How many are shown at most; at least 1.</param>
    public static ShownSteps Of(SamplerPlan plan, int most) => new(plan.Steps.Count + 1, most);

    /// <summary>The level of what is shown at a place of <see cref="Of"/>.</summary>
    public NoiseLevel LevelAt(SamplerPlan plan, int place) =>
        StepAt(place) is var moment && moment < plan.Steps.Count ? plan.Steps[moment].From : plan.Steps[^1].To;

    /// <summary>The moment that is shown at a place, counted from 0.</summary>
    public int StepAt(int place) => Count == 1 ? steps - 1 : place * (steps - 1) / (Count - 1);

    /// <summary>The place at which a moment is shown, or null where it is not.</summary>
    public int? PlaceOf(int step)
    {
        // The first place whose step is no earlier.
        var place = steps == 1 || Count == 1 ? 0 : (int)(((long)step * (Count - 1) + steps - 2) / (steps - 1));
        return StepAt(place) == step ? place : null;
    }

    /// <summary>The label of an image without noise.</summary>
    public const string Clean = "x₀";

    /// <summary>A level's time as a label.</summary>
    public static string TimeText(NoiseLevel level) =>
        level == NoiseLevel.Clean ? Clean : string.Create(CultureInfo.InvariantCulture, $"t={level.Time:0.###}");
}
