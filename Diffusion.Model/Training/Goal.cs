using Diffusion.Math.Values;
using Diffusion.Model.Networks;

namespace Diffusion.Model.Training;

/// <summary>What a network is trained for, which decides what is built of the recipe's <see cref="Recipe.Network"/> and how it learns. A closed union.</summary>
public abstract record Goal
{
    private Goal()
    {
    }

    /// <summary>What does not fit together in a recipe with this goal, in sentences.</summary>
    public abstract IEnumerable<string> Faults(Recipe recipe);

    /// <summary>The network before its first update, its weights a function of the seed alone.</summary>
    internal abstract Learner Begin(Recipe recipe, Seed seed);

    /// <summary>A U-Net that is asked for the clean picture. Ho et al. 2020, Algorithm 1.</summary>
    public sealed record Denoise : Goal
    {
        /// <inheritdoc/>
        public override IEnumerable<string> Faults(Recipe recipe)
        {
            foreach (var fault in recipe.Network.Faults())
                yield return $"network: {fault}";
            if (recipe.Labels is Conditioning.Labelled && recipe.Network.Labels is null)
                yield return "labels are labelled, but the network has no labels";
        }

        internal override Learner Begin(Recipe recipe, Seed seed) => new DenoisingLearner(recipe, seed);
    }

    /// <summary>p(label | noisy picture, time), whose gradient steers a sampler. Dhariwal and Nichol 2021, section 4.</summary>
    /// <remarks>
    /// The network is the encoding half of the U-Net with a pooling behind. It sees pictures as noisy as the recipe says, in the scale and
    /// with the time of its prediction, and learns by cross-entropy.
    /// </remarks>
    /// <param name="Classes">Number of labels; at least 2.</param>
    /// <param name="Pooling">How the pixels of the coarsest level become one vector.</param>
    public sealed record Classify(int Classes, ClassifierPooling Pooling = ClassifierPooling.Average) : Goal
    {
        /// <summary>Number of labels; at least 2.</summary>
        public int Classes { get; init => field = Require.AtLeast(value, 2, nameof(Classes)); } = Require.AtLeast(Classes, 2);

        /// <inheritdoc/>
        public override IEnumerable<string> Faults(Recipe recipe)
        {
            foreach (var fault in Shape(recipe).Faults())
                yield return $"network: {fault}";
            if (recipe.Labels is not Conditioning.None)
                yield return "labels: a classifier is told none";
            if (recipe.Weight is not Math.Training.LossWeight.Simple)
                yield return "weight: noise levels are not weighed in a classifier's loss";
        }

        /// <summary>The network of a recipe with this goal.</summary>
        public NoisyClassifierShape Shape(Recipe recipe) => new(recipe.Network, Classes, Pooling);

        internal override Learner Begin(Recipe recipe, Seed seed) => new ClassifyingLearner(recipe, Shape(recipe), seed);
    }
}
