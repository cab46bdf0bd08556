using Diffusion.Math.Predictions;
using Diffusion.Math.Schedules;
using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Networks;

namespace Diffusion.Model.Recipes;

/// <summary>
/// What a network is trained for, which decides what is built of the recipe's <see cref="Recipe.Network"/> and how it learns. A closed
/// union.
/// </summary>
public abstract record Goal
{
    private Goal()
    {
    }

    /// <summary>What does not fit together in a recipe with this goal, in sentences.</summary>
    public abstract IEnumerable<string> Faults(Recipe recipe);

    /// <summary>A U-Net that is asked for the clean image. Ho et al. 2020, Algorithm 1.</summary>
    public sealed record Denoise : Goal
    {
        /// <inheritdoc/>
        public override IEnumerable<string> Faults(Recipe recipe)
        {
            foreach (var fault in recipe.Network.Faults())
                yield return $"network: {fault}";
            if (recipe.Labels is Conditioning.Labelled && recipe.Network.Labels is null)
                yield return "labels are labelled, but the network has no labels; --labels sets both, with the classes of the images";
            // Every pass in training normalises the stored weights anew, in their last bits: how many there are depends on the processes.
            if (recipe.Network.Architecture is UNetArchitecture.MagnitudePreserving && recipe.Length.Shards > 1)
                yield return "length.shards: a magnitude-preserving network normalises its weights in every pass, and ends with other bits "
                    + "on another number of processes; 1 trains it on one";
            foreach (var fault in ObjectiveFaults(recipe))
                yield return fault;
        }

        private static IEnumerable<string> ObjectiveFaults(Recipe recipe)
        {
            var learns = recipe.Variance is Variance.Learned;
            if (learns != recipe.Network.PredictsVariance)
                yield return learns
                    ? $"variance: a learned one takes as many output channels again, {2 * recipe.Network.InputChannels}; the " +
                        $"network has {recipe.Network.OutputChannels}"
                    : $"variance: the network has {recipe.Network.OutputChannels} output channels for " +
                        $"{recipe.Network.InputChannels}, half of which only a learned variance would use";
            if (recipe.Objective is Objective.Hybrid
                ? !learns : recipe.Objective is Objective.Bound ? recipe.Variance is null : recipe.Variance is not null)
                yield return $"objective: {RecipeOutline.TextOf(recipe.Objective)} does not fit the variance, " +
                    $"{(recipe.Variance is { } variance ? RecipeOutline.TextOf(variance) : "none")}: " +
                    "hybrid teaches a learned one, bound takes any, and simple has no use for one";
            if (recipe.Objective is Objective.Simple)
                yield break;
            if (recipe.Schedule is not NoiseSchedule.Discrete)
                yield return "objective: a bound is a sum over the steps of a chain, and this schedule is continuous";
            if (recipe.NoiseLevels is not (
                NoiseLevelDistribution.UniformTime or NoiseLevelDistribution.LowDiscrepancy { Inner: NoiseLevelDistribution.UniformTime }))
                yield return "objective: a bound needs times that are drawn uniformly";
        }
    }

    /// <summary>p(label | noisy image, time), whose gradient steers a sampler. Dhariwal and Nichol 2021, section 4.</summary>
    /// <remarks>
    /// The network is the encoding half of the U-Net with a pooling behind. It sees images as noisy as the recipe says, in the scale and
    /// with the time of its prediction, and learns by cross-entropy.
    /// </remarks>
    /// <param name="Classes">Number of labels; at least 2.</param>
    /// <param name="Pooling">How the pixels of the coarsest level become one vector.</param>
    public sealed record Classify(int Classes, ClassifierPooling Pooling = ClassifierPooling.Average) : Goal
    {
        /// <summary>Number of labels; at least 2.</summary>
        public int Classes { get; init => field = Require.AtLeast(value, 2, nameof(Classes)); } = Require.AtLeast(Classes, 2);

        /// <summary>
        /// Pixels of the coarsest level that have positions of their own in the attention that pools them; null where they have none.
        /// </summary>
        public int? Positions { get; init => field = value is { } count ? Require.AtLeast(count, 1, nameof(Positions)) : null; }

        /// <inheritdoc/>
        public override IEnumerable<string> Faults(Recipe recipe)
        {
            foreach (var fault in Shape(recipe).Faults())
                yield return $"network: {fault}";
            if (recipe.Labels is not Conditioning.None)
                yield return "labels: a classifier takes none";
            if (recipe.Weight is not LossWeight.Simple)
                yield return "weight: noise levels are not weighed in a classifier's loss";
            if (recipe.Objective is not Objective.Simple || recipe.Variance is not null)
                yield return "objective: a classifier's is always its cross-entropy";
        }

        /// <summary>The network of a recipe with this goal.</summary>
        public NoisyClassifierShape Shape(Recipe recipe) => new(recipe.Network, Classes, Pooling) { Positions = Positions };
    }
}
