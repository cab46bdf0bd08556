using Diffusion.Math.Training;
using Diffusion.Math.Values;

namespace Diffusion.Model.Recipes;

/// <summary>A run that is made longer or shorter under way, so that nothing that is past changes.</summary>
/// <remarks>
/// The recipe of a renewed run says everything: repeated from its beginning, it makes the same steps, evaluations and samples as the run
/// that was renewed. So it agrees with every checkpoint of before.
/// </remarks>
public static class Renewal
{
    /// <summary>
    /// The recipe with another length from a step on: a rate that ended with the run still does, and evaluations draw what was planned.
    /// </summary>
    /// <param name="recipe">The recipe so far. Its evaluations come at an interval that does not follow from its length.</param>
    /// <param name="step">Updates made.</param>
    /// <param name="steps">Updates in the whole run; more than were made.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no more steps than were made.</exception>
    public static Recipe Of(Recipe recipe, long step, long steps) => steps == recipe.Length.Steps ? recipe : recipe with
    {
        Length = recipe.Length with { Steps = Require.AtLeast(steps, step + 1) },
        Optimiser = recipe.Optimiser with { Rate = recipe.Optimiser.Rate.Onward(step, recipe.Length.Steps, steps) },
        Evaluation = recipe.Evaluation.Onward(recipe.Length, steps),
    };

    /// <summary>Whether a recipe is another one, renewed once or several times from a step on or later.</summary>
    /// <param name="renewed">The recipe.</param>
    /// <param name="recipe">The other one.</param>
    /// <param name="step">The step.</param>
    public static bool Is(Recipe renewed, Recipe recipe, long step)
    {
        var turns = new Stack<(long From, long After)>();
        for (var rate = renewed.Optimiser.Rate; rate is LearningRate.Stretched turn && rate != recipe.Optimiser.Rate; rate = turn.Rate)
            turns.Push((turn.From, turn.After));
        // A rate that goes on for ever has no turns.
        if (turns.Count == 0)
            turns.Push((step, renewed.Length.Steps));
        return turns.All(turn => turn.From >= step) && Along(turns, recipe) == renewed;
    }

    private static Recipe? Along(IEnumerable<(long From, long After)> turns, Recipe recipe)
    {
        foreach (var (from, after) in turns)
        {
            if (after <= from)
                return null;
            recipe = Of(recipe, from, after);
        }
        return recipe;
    }
}
