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

    /// <summary>The recipe with so many steps, whose rate follows.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="steps">Updates in the whole run; at least 1.</param>
    /// <param name="changes">What was asked for.</param>
    public static Recipe OfLength(Recipe recipe, long steps, Sequence<RecipeChange> changes) =>
        Following(recipe, recipe with { Length = recipe.Length with { Steps = steps } }, changes);

    /// <summary>
    /// What a person should know of the learning rate before the first step: that its warm-up does not end within the run, or that it is
    /// 0 in more than one of a hundred steps, not counting the first of a warm-up.
    /// </summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="updates">Updates that were made before; the rate of the first one is past.</param>
    public static string? Idleness(Recipe recipe, long updates = 0)
    {
        var (steps, rate) = (recipe.Length.Steps, recipe.Optimiser.Rate);
        var from = rate.ZeroFrom(steps);
        if (updates == 0 && rate.StepsOfWarmup() >= steps && from == steps)
            return string.Create(CultureInfo.InvariantCulture,
                $"the warm-up of {LengthRecipe.StepText(rate.StepsOfWarmup())} does not end within ")
                + string.Create(CultureInfo.InvariantCulture, $"the run of {LengthRecipe.StepText(steps)}: ")
                + string.Create(CultureInfo.InvariantCulture,
                $"the learning rate reaches {rate.At(steps - 1):0.##e+0} of {rate.At(rate.StepsOfWarmup()):0.##e+0}")
                + rate switch
                {
                    LearningRate.OneCycle => $"; {Ending(steps)}",
                    LearningRate.Stretched => "",
                    _ => $"; --set optimiser.rate.warmup={steps / 10} shortens it",
                };
        // A warm-up begins at 0, which alone is worth no word.
        var (first, last) = (updates > 0 || (float)rate.At(0) > 0 ? 0 : 1, steps - Max(from, 1));
        if (last == 0 || (first + last) * 100 <= steps)
            return null;
        var where = (first, last) switch
        {
            (0, _) => $"from step {from + 1} on",
            _ => $"at step 1 and from step {from + 1} on",
        };
        var way = rate is LearningRate.WarmUpCosine or LearningRate.WarmUpLinear or LearningRate.OneCycle or LearningRate.Trapezoid
            ? $"; {Ending(steps)}"
            : "";
        return string.Create(CultureInfo.InvariantCulture, $"the learning rate is 0 {where}: " +
            $"{first + last:N0} of {LengthRecipe.StepText(steps)} {(first + last == 1 ? "changes" : "change")} no weight{way}");
    }

    private static string Ending(long steps) => $"--set optimiser.rate.total={steps} lets it end with the run";
}
