using Diffusion.Math.Predictions;
using Diffusion.Math.Values;

namespace Diffusion.Math.Plans;

/// <summary>
/// A model's answers combined as guidance says. This is all there is of guidance, over numbers in a proof and tensors in a run.
/// </summary>
/// <param name="Output">The combination, as an output of the model.</param>
/// <param name="Direction">
/// What momentum is made of when the model is asked the next time, in the space of clean data; the default of the vectors where there is
/// none.
/// </param>
/// <typeparam name="T">The vectors.</typeparam>
public readonly record struct GuidedAnswer<T>(T Output, T? Direction)
    where T : class
{
    /// <summary>Combines answers.</summary>
    /// <param name="space">Linear combinations, and those by sample.</param>
    /// <param name="weights">What guidance says at this level.</param>
    /// <param name="answers">The outputs of the model under the conditions that <see cref="GuidanceWeights.Asked"/> names.</param>
    /// <param name="reading">How they are read as clean data.</param>
    /// <param name="before">The direction of the estimate before; null for none.</param>
    public static GuidedAnswer<T> Of(
        IVectorSpace<T> space, GuidanceWeights weights, IReadOnlyDictionary<Condition, T> answers, AnswerReading<T> reading, T? before)
    {
        T Sum(Sequence<ConditionTerm> terms) => terms is [{ Weight: 1 } alone] ? answers[alone.Condition]
            : space.Combine([.. terms.Select(term => new Weighted<T>(term.Weight, answers[term.Condition]))]);
        var (combined, direction) = weights.IsProjected ? Projected() : (Sum(weights.Terms), null);
        return weights.IsRescaled
            ? new(space.Weigh([Sum(weights.Towards), combined], new SampleRule.Rescale(weights.Rescaling)), direction)
            : new(combined, direction);

        // Δ = D − D_0 + β·Δ of before, and D̃ = D + w·(Δ shortened and projected). Sadat et al. 2024, Algorithm 1.
        (T Output, T? Direction) Projected()
        {
            var (towards, how, (ofState, ofOutput, _)) = (Sum(weights.Towards), weights.Projection, reading.Readout);
            Weighted<T>[] difference = [new(ofOutput, towards), new(-ofOutput, Sum(weights.AwayFrom))];
            var gathered = space.Combine(before is null || how.Momentum == 0 ? difference : [.. difference, new(how.Momentum, before)]);
            var estimate = space.Combine([new(ofState, reading.State), new(ofOutput, towards)]);
            var adjusted = space.Weigh([gathered, estimate], new SampleRule.Project(how.Parallel, how.Radius));
            return (space.Combine([new(1, towards), new(weights.Strength / ofOutput, adjusted)]), gathered);
        }
    }
}

/// <summary>How a model's answers about a state are read as clean data.</summary>
/// <param name="State">The state.</param>
/// <param name="Readout">Weights of the state and of an output.</param>
/// <typeparam name="T">The vectors.</typeparam>
public readonly record struct AnswerReading<T>(T State, Readout Readout);
