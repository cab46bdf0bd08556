using System.Globalization;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Rewriting;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;

namespace Diffusion.Model.Sampling;

/// <summary>A trained classifier that is to steer a model's samples to their labels.</summary>
/// <param name="Classifier">The classifier, which stays the caller's.</param>
/// <param name="Scale">s of Dhariwal and Nichol 2021: how strongly it steers; 0 not at all.</param>
/// <param name="Form">How it steers; null where the sampler decides.</param>
public sealed record SteeringChoice(TrainedClassifier Classifier, double Scale, SteeringForm? Form)
{
    /// <summary>The plan that does the same and follows the classifier.</summary>
    /// <exception cref="ArgumentException">The plan cannot be steered in this form.</exception>
    public SamplerPlan Steer(SamplerPlan plan)
    {
        var steered = plan.GuidedBy(
            FormFor(plan) == SteeringForm.Mean ? new ClassifierGuidance.MeanShift(Scale) : new ClassifierGuidance.ScoreShift(Scale));
        return steered.ClassifierCalls > 0
            ? steered : throw new ArgumentException($"No step of {plan.Name} ends in noise, so there is no mean to be moved.");
    }

    /// <summary>What has to be known of it to draw the same samples again, as names and texts.</summary>
    /// <param name="plan">The plan before it was steered.</param>
    public IEnumerable<(string Name, string Text)> Facts(SamplerPlan plan)
    {
        yield return ("classifier", string.Create(CultureInfo.InvariantCulture,
            $"{Classifier.Recipe.Name}, step {Classifier.Updates}, weights {Classifier.WeightsSha256[..12]}"));
        yield return ("classifier guidance", string.Create(CultureInfo.InvariantCulture, $"s = {Scale}"));
        yield return ("classifier form", (FormFor(plan), Form) switch
        {
            (SteeringForm.Mean, null) => "mean shift, for every step ends in noise: Algorithm 1 of Dhariwal and Nichol 2021",
            (SteeringForm.Mean, _) => "mean shift: Algorithm 1 of Dhariwal and Nichol 2021",
            (_, null) => "score, for there is no noise at the end of every step: Algorithm 2 of Dhariwal and Nichol 2021",
            _ => "score: Algorithm 2 of Dhariwal and Nichol 2021",
        });
    }

    /// <summary>Refuses a model that was not made for the same noisy images.</summary>
    /// <exception cref="InputException">Noise, sizes or classes differ.</exception>
    public void RefuseUnlessFor(TrainedModel model)
    {
        var (own, other) = (Classifier.Recipe, model.Recipe);
        if (own.Schedule != other.Schedule)
            throw Mismatch($"a classifier for the noise schedule {RecipeOutline.TextOf(own.Schedule)}",
                $"one for {RecipeOutline.TextOf(other.Schedule)}, as the model has");
        if (own.Network.InputChannels != other.Network.InputChannels)
            throw Mismatch(
                $"a classifier for {own.Network.InputChannels} channels", $"one for {other.Network.InputChannels}, as the model has");
        if (Classifier.Shape is { } seen && model.Shape is { } made && seen != made)
            throw Mismatch($"a classifier for images of {seen}", $"one for {made}, as the model makes");
        if (model.Classes is { } classes && classes != Classifier.Network.Shape.Classes)
            throw Mismatch($"a classifier of {Classifier.Network.Shape.Classes} classes", $"one of {classes}, as the model knows");
    }

    private SteeringForm FormFor(SamplerPlan plan) => Form ?? (plan.EndsInNoise() ? SteeringForm.Mean : SteeringForm.Score);

    private static InputException Mismatch(string found, string expected) => new("classifier", found, expected);
}

/// <summary>How a classifier steers a step.</summary>
public enum SteeringForm
{
    /// <summary>It moves the mean of the step's noise. Dhariwal and Nichol 2021, Algorithm 1.</summary>
    Mean,

    /// <summary>It moves the estimate of the clean image, and so the score. Dhariwal and Nichol 2021, Algorithm 2.</summary>
    Score,
}
