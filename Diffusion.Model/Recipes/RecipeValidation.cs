using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;
using Diffusion.Math.Training;
using Diffusion.Math.Values;

namespace Diffusion.Model.Recipes;

/// <summary>What in a recipe does not fit together, though each setting is fine by itself.</summary>
public static class RecipeValidation
{
    /// <summary>Sentences that name the settings; empty for a recipe that can be carried out.</summary>
    public static IEnumerable<string> Of(Recipe recipe)
    {
        if (RecipeName.Fault(recipe.Name) is { } misnamed)
            yield return misnamed;
        foreach (var fault in recipe.Goal.Faults(recipe))
            yield return fault;
        foreach (var fault in recipe.Distillation?.Faults(recipe) ?? [])
            yield return $"distillation: {fault}";
        if (recipe.Length.Batch % recipe.Length.Shards != 0)
            yield return $"length.shards: a batch of {recipe.Length.Batch} cannot be divided into {recipe.Length.Shards} equal shards";
        if (recipe.Data is { Size: not null, Set: not "folder" })
            yield return $"data: only the images of a folder are scaled to a size, not those of {recipe.Data.Set}";
        if (recipe.Data is { Width: not null, Size: null })
            yield return "data: a width without a height; --set data.size=N says that";
        if (recipe is { Data: { Set: "folder", Background: { } under }, Network.InputChannels: 4 })
            yield return $"data.background: {under} under images whose alpha is kept, as network.inputChannels of 4 says; omit one of them";
        if (Sentence.OfRefusal(() => Train(recipe, 0, BitDecrement(1.0))) is { } untrained)
            yield return $"prediction: {untrained}";
        if (recipe.MismatchOf(recipe.Evaluation.Sampler) is { } unfit)
            yield return $"evaluation: {unfit.TrimEnd('.')}";
        if (recipe.Evaluation.Guidance.Innermost is Guidance.Autoguidance)
            yield return "evaluation.guidance: an evaluation has no weaker model; sample RUN --autoguidance RUN2";
        if (Others(recipe.Evaluation.Guidance).FirstOrDefault(label => label >= (recipe.Network.Labels?.Classes ?? 0)) is { } beyond)
            yield return $"evaluation.guidance: there is no label {beyond}";
        if (Sentence.OfRefusal(() => recipe.Evaluation.Spacing.Over(recipe.Schedule)) is { } unvisited)
            yield return $"evaluation.spacing: {unvisited}" +
                (recipe.Schedule is IDiscreteNoiseLevels ? "" : ": --set evaluation.spacing=uniform");
        else if (Sentence.OfRefusal(() => recipe.Evaluation.Sampler.Plan(recipe.Schedule, recipe.Evaluation.Spacing)) is { } unplanned)
            yield return $"evaluation.sampler: {unplanned}";
    }

    // What it moves towards is the same at every noise level.
    private static IEnumerable<int?> Others(Guidance guidance) =>
        guidance.WeightsAt(new(0, Marginal.OfSigma(1))).Towards.Select(term => (term.Condition as Condition.Other)?.Label).OfType<int?>();

    // The least and the most noisy example there can be.
    private static void Train(Recipe recipe, params ReadOnlySpan<double> uniforms)
    {
        foreach (var level in recipe.NoiseLevels.Draw(uniforms, recipe.Schedule))
            TrainingExample.At(level, recipe.Prediction, recipe.Weight);
    }
}
