using Diffusion.Math.Predictions;
using Diffusion.Math.Schedules;
using Diffusion.Math.Training;
using Diffusion.Math.Values;

namespace Diffusion.Model.Recipes;

/// <summary>Which predictions and noise levels are usual over a schedule, for whoever changes one of them and keeps the others.</summary>
public static class PredictionAdvice
{
    /// <summary>
    /// What a person should know who changed the schedule or the prediction alone: what was kept that belongs to another method, and what
    /// is usual in its place. Null where they go together, as any two that were chosen together do.
    /// </summary>
    /// <param name="recipe">The recipe with the changes.</param>
    /// <param name="changes">What was asked for.</param>
    public static string? Of(Recipe recipe, Sequence<RecipeChange> changes)
    {
        var (schedule, prediction) = (Find(changes, "schedule"), Find(changes, "prediction"));
        if (recipe.Goal is not Goal.Denoise || schedule is null == prediction is null)
            return null;
        List<(string Kept, string Usual)> odd = [];
        if (schedule is not null && Usual(recipe.Schedule) is var usual && !usual.Fits(recipe.Prediction))
            odd.Add(($"prediction={RecipeOutline.KindOf(recipe.Prediction)}", $"prediction={usual.Word}"));
        if (schedule is not null && recipe.Schedule is NoiseSchedule.Discrete && !AreUniform(recipe.NoiseLevels)
            && Find(changes, "noiseLevels") is null)
            odd.Add(($"noiseLevels={RecipeOutline.KindOf(recipe.NoiseLevels)}", "noiseLevels=uniformTime"));
        if (prediction is not null && !Usual(recipe.Schedule).Fits(recipe.Prediction))
            odd.Add(($"schedule={RecipeOutline.KindOf(recipe.Schedule)}", $"schedule={UsualScheduleOf(recipe.Prediction)}"));
        var asked = schedule ?? prediction!;
        return odd.Count == 0 ? null
            : $"--set {asked.Path}={asked.Value} keeps {string.Join(" and ", odd.Select(setting => setting.Kept))}, which "
                + $"{(odd.Count == 1 ? "belongs" : "belong")} to another method; usual with it: "
                + string.Join(' ', odd.Select(setting => $"--set {setting.Usual}"));
    }

    private static (string Word, Func<Prediction, bool> Fits) Usual(NoiseSchedule schedule) => schedule switch
    {
        NoiseSchedule.RectifiedFlow => ("flow", prediction => prediction is Prediction.Flow),
        NoiseSchedule.Edm => ("preconditioned", prediction => prediction is Prediction.Preconditioned),
        NoiseSchedule.VarianceExploding => ("preconditioned", prediction =>
            prediction is Prediction.Preconditioned or Prediction.Noise or Prediction.Score),
        _ => ("noise", prediction => prediction is Prediction.Noise or Prediction.Clean or Prediction.Velocity),
    };

    private static string UsualScheduleOf(Prediction prediction) => prediction switch
    {
        Prediction.Flow => "rectifiedFlow",
        Prediction.Preconditioned => "edm",
        Prediction.Score => "varianceExploding",
        _ => "linear",
    };

    private static bool AreUniform(NoiseLevelDistribution levels) => levels is NoiseLevelDistribution.UniformTime
        or NoiseLevelDistribution.LowDiscrepancy { Inner: NoiseLevelDistribution.UniformTime };

    private static RecipeChange? Find(Sequence<RecipeChange> changes, string setting) =>
        changes.LastOrDefault(change => change.Path == setting || change.Path == $"{setting}.kind");
}
