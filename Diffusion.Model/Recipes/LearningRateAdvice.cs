using System.Globalization;
using Diffusion.Math.Training;
using Diffusion.Math.Values;

namespace Diffusion.Model.Recipes;

/// <summary>How a learning rate goes with the length of a run.</summary>
public static class LearningRateAdvice
{
    /// <summary>
    /// A recipe of another length, whose rate follows: one that ended with the run still does, unless its end was asked for.
    /// </summary>
    /// <param name="before">The recipe it was made of.</param>
    /// <param name="after">The recipe.</param>
    /// <param name="changes">What was asked for.</param>
    public static Recipe Following(Recipe before, Recipe after, Sequence<RecipeChange> changes) =>
        changes.All(change => change.Path != "optimiser.rate.total")
            ? after with { Optimiser = after.Optimiser with { Rate = after.Optimiser.Rate.Over(before.Length.Steps, after.Length.Steps) } }
            : after;

    /// <summary>
    /// What a person should know of the learning rate before the first step: that it is 0 for long, or never reaches its peak.
    /// </summary>
    public static string? Idleness(Recipe recipe)
    {
        var (steps, from) = (recipe.Length.Steps, recipe.Optimiser.Rate.ZeroFrom(recipe.Length.Steps));
        if ((steps - from) * 100 <= steps)
            return null;
        var way = recipe.Optimiser.Rate is LearningRate.WarmUpCosine or LearningRate.WarmUpLinear
            ? $"; --set optimiser.rate.total={steps} lets it end with the run"
            : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"the learning rate is 0 from step {from + 1} on: {steps - from} of {steps} steps change no weight{way}");
    }
}
