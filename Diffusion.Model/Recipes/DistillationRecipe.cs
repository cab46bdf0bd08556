using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Training;
using Diffusion.Math.Values;

namespace Diffusion.Model.Recipes;

/// <summary>
/// Progressive distillation: a student learns to go in one step where its teacher goes in several. The teacher is the model whose weights
/// the run begins with.
/// </summary>
/// <remarks>
/// Salimans and Ho 2022, "Progressive distillation for fast sampling of diffusion models", Algorithm 2; with the teacher's guidance folded
/// in, as in the first stage of Meng et al. 2023, "On distillation of guided diffusion models", for a single weight.
/// </remarks>
public sealed record DistillationRecipe
{
    /// <summary>The noise levels that the student is asked at, from noise on: the only ones that it learns.</summary>
    public required TimestepSpacing Spacing { get; init; }

    /// <summary>Steps of DDIM that the teacher takes for each step of the student; at least 2, which it is in the paper.</summary>
    public int TeacherSteps { get; init => field = Require.AtLeast(value, 2, nameof(TeacherSteps)); } = 2;

    /// <summary>Guidance of the teacher, which the student does not need any more.</summary>
    public Guidance Guidance { get; init; } = new Guidance.None();

    /// <summary>What student and teacher take their steps with.</summary>
    public static Sampler Sampler { get; } = new Sampler.Ddim(0, new Clipping.None(), NoiseDirection.Predicted);

    /// <summary>The distillation in one line.</summary>
    /// <param name="schedule">The schedule of the recipe.</param>
    public string TextOver(NoiseSchedule schedule) =>
        $"to {Counted.Of(Spacing.Over(schedule).Count, "step")} of ddim, {TeacherSteps} of the teacher in each; its guidance {Guidance}";

    /// <summary>A level of the student for each uniform number in [0, 1): all equally often, and spread evenly over a batch.</summary>
    internal NoiseLevel[] LevelsOf(ReadOnlySpan<double> uniforms, NoiseSchedule schedule)
    {
        var (steps, levels) = (Spacing.Over(schedule), new NoiseLevel[uniforms.Length]);
        for (var index = 0; index < levels.Length; index++)
        {
            var shifted = uniforms[0] + (double)index / levels.Length;
            levels[index] = steps[Min((int)((shifted - Floor(shifted)) * steps.Count), steps.Count - 1)].From;
        }
        return levels;
    }

    /// <summary>What does not fit together with the rest of a recipe, in sentences.</summary>
    internal IEnumerable<string> Faults(Recipe recipe)
    {
        if (recipe is not { Goal: Goal.Denoise, Objective: Objective.Simple, Network.PredictsVariance: false })
            yield return "only a model that makes images, and learns no variance, can be distilled";
        if (recipe.Prediction is Prediction.Noise or Prediction.Score)
            yield return "a network that predicts the noise says nothing of the image at the noisiest level, where few steps begin; "
                + "train one with --set prediction=velocity first";
        if (Guidance.Innermost is Guidance.Autoguidance)
            yield return "the teacher has no weaker model; its guidance is classifierFree or none";
        if (Sentence.OfRefusal(() => Targets(recipe.Schedule)) is { } refusal)
            yield return refusal;
        if (recipe.Evaluation is not { Sampler: Sampler.Ddim { Eta: 0 } or Sampler.Euler, Guidance: Guidance.None }
            || recipe.Evaluation.Spacing != Spacing)
            yield return "the student is sampled as it was trained: evaluation.sampler ddim or euler, evaluation.guidance none, and "
                + "evaluation.spacing as distillation.spacing";
    }

    private void Targets(NoiseSchedule schedule)
    {
        foreach (var (from, to) in Spacing.Over(schedule))
            DistillationTarget.Of(from.Marginal, to.Marginal);
    }
}
