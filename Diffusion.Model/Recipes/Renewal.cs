using Diffusion.Math.Training;
using Diffusion.Math.Values;

namespace Diffusion.Model.Recipes;

/// <summary>That a run is made longer or shorter under way, so that nothing that is past changes.</summary>
/// <remarks>
/// The recipe of a renewed run says everything: repeated from its beginning, it makes the same steps, evaluations and samples as the run
/// that was renewed. So it agrees with every checkpoint of before.
/// </remarks>
/// <param name="Step">Updates made; at least 0.</param>
/// <param name="Steps">Updates in the whole run; more than were made.</param>
/// <param name="Evaluations">Updates after which it is evaluated, those that were made too, and without the last one of the run.</param>
public sealed record Renewal(long Step, long Steps, Sequence<long> Evaluations)
{
    /// <summary>Updates made; at least 0.</summary>
    public long Step { get; } = Require.AtLeast(Step, 0);

    /// <summary>Updates in the whole run; more than were made.</summary>
    public long Steps { get; } = Require.AtLeast(Steps, Step + 1);

    /// <summary>
    /// The renewed recipe: a rate that ended with the run still does, and evaluations draw as many samples as were planned.
    /// </summary>
    /// <param name="recipe">The recipe so far, of more steps than were made.</param>
    public Recipe Of(Recipe recipe) => recipe with
    {
        Length = recipe.Length with { Steps = Steps, EvaluateEvery = new EvaluationInterval.At(Evaluations) },
        Optimiser = recipe.Optimiser with { Rate = recipe.Optimiser.Rate.Onward(Step, recipe.Length.Steps, Steps) },
        Evaluation = recipe.Evaluation.Onward(recipe.Length, Steps),
    };

    /// <summary>Whether a recipe is another one, renewed once or several times from a step on or later.</summary>
    /// <param name="renewed">The recipe.</param>
    /// <param name="recipe">The other one.</param>
    /// <param name="step">The step.</param>
    public static bool Is(Recipe renewed, Recipe recipe, long step)
    {
        if (renewed.Length.EvaluateEvery is not EvaluationInterval.At { Numbers: var evaluations })
            return false;
        var turns = new Stack<(long From, long After)>();
        for (var rate = renewed.Optimiser.Rate; rate is LearningRate.Stretched turn && rate != recipe.Optimiser.Rate; rate = turn.Rate)
            turns.Push((turn.From, turn.After));
        // A rate that goes on for ever has no turns.
        if (turns.Count == 0)
            turns.Push((step, renewed.Length.Steps));
        return turns.All(turn => turn.From >= step && turn.After > turn.From)
            && turns.Aggregate(recipe, (former, turn) => new Renewal(turn.From, turn.After, evaluations).Of(former)) == renewed;
    }
}
