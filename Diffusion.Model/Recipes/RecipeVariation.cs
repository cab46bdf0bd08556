using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Training;
using Diffusion.Model.Networks;

namespace Diffusion.Model.Recipes;

/// <summary>What makes one recipe of another.</summary>
public static class RecipeVariation
{
    /// <summary>The network is conditioned on labels, one time in ten on none; samples use w = 3. Ho and Salimans 2021.</summary>
    /// <param name="recipe">A recipe of a network that denoises.</param>
    /// <param name="classes">How many labels there are.</param>
    public static Recipe Labelled(Recipe recipe, int classes) => recipe with
    {
        Name = $"{recipe.Name}-cfg",
        Network = recipe.Network with
        {
            Labels = new LabelShape(classes, NullLabel.Learned)
            {
                Entry = recipe.Network.Architecture is UNetArchitecture.PostNormalised ? LabelEntry.Beside : LabelEntry.AfterLayers,
            },
        },
        Labels = new Conditioning.Labelled(0.1),
        Evaluation = recipe.Evaluation with { Guidance = new Guidance.ClassifierFree(3) },
    };

    /// <summary>the network is not conditioned on labels, and its samples are not guided.</summary>
    /// <param name="recipe">A recipe of a network that denoises.</param>
    public static Recipe Unlabelled(Recipe recipe) => recipe with
    {
        Network = recipe.Network with { Labels = null },
        Labels = new Conditioning.None(),
        Evaluation = recipe.Evaluation with { Guidance = new Guidance.None() },
    };

    /// <summary>
    /// The network also learns the variance of the reverse steps, from the bound, over the cosine schedule. Nichol and Dhariwal 2021,
    /// Sections 3.1 and 3.2; their chain of 4,000 steps and their larger network are left out.
    /// </summary>
    /// <param name="recipe">A recipe without a learned variance, sampled by ancestral steps.</param>
    public static Recipe Hybrid(Recipe recipe) => recipe with
    {
        Name = $"{recipe.Name}-hybrid",
        Schedule = new NoiseSchedule.Cosine(),
        Network = recipe.Network with { OutputChannels = 2 * recipe.Network.InputChannels },
        Objective = new Objective.Hybrid(),
        Variance = new Variance.LearnedRange(),
        Evaluation = recipe.Evaluation with { Sampler = new Sampler.Ancestral(new Variance.LearnedRange(), new Clipping.Clip()) },
    };

    /// <summary>
    /// The design choices of Karras et al. 2022, Table 1: a preconditioned network, log-normal noise levels, and Heun's method over 18
    /// levels. The network itself stays what it is.
    /// </summary>
    /// <param name="recipe">A recipe that predicts noise over discrete levels.</param>
    public static Recipe Elucidated(Recipe recipe) => recipe with
    {
        Name = $"{recipe.Name}-edm",
        Schedule = new NoiseSchedule.Edm(),
        Prediction = new Prediction.Preconditioned(),
        NoiseLevels = new NoiseLevelDistribution.LogNormalSigma(),
        Weight = new LossWeight.Edm(),
        Evaluation = recipe.Evaluation with { Sampler = Sampler.Edm.Of(Churn.None), Spacing = new TimestepSpacing.Karras(18) },
    };

    /// <summary>
    /// A classifier that sees what the recipe's network sees, from the encoding half of that network: what can steer its sampler. Pooling
    /// by attention and AdamW with weight decay 0.05, as Dhariwal and Nichol 2021 train theirs.
    /// </summary>
    /// <param name="recipe">A recipe of a network that denoises.</param>
    /// <param name="classes">How many labels there are.</param>
    /// <param name="length">How long it is trained.</param>
    public static Recipe Classifying(Recipe recipe, int classes, LengthRecipe length) => Unlabelled(recipe) with
    {
        Name = $"{recipe.Name}-classifier",
        Goal = new Goal.Classify(classes, ClassifierPooling.Attention),
        Prediction = new Prediction.Noise(),
        Optimiser = new() { Rate = new LearningRate.WarmUpCosine(1e-3, 100, (int)length.Steps), WeightDecay = 0.05 },
        Length = length,
        // Judging takes no time, so that all epochs are measured alike.
        Evaluation = recipe.Evaluation with { Samples = recipe.Evaluation.FinalSamples, Inception = InceptionWeights.WhereAtHand },
    };
}
