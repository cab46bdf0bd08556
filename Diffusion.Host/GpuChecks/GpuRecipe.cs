using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;

namespace Diffusion.Host.GpuChecks;

/// <summary>What a GPU is given to train: the quick recipe of CIFAR-10, on the network of Ho et al. 2020 and in larger batches.</summary>
/// <remarks>
/// Rectified flow with logit-normal levels, by label, with Muon: what won on a CPU (docs/results/speedrun.md). The network takes far more
/// arithmetic, which a GPU has. Batch, rate and EMA were not tuned on a GPU.
/// </remarks>
public static class GpuRecipe
{
    private static readonly Recipe Quick = BuiltInRecipes.Cifar10.Quick;

    /// <summary>The recipe; its length follows from the time.</summary>
    public static Recipe Recipe { get; } = Quick with
    {
        Network = UNetShape.Paper with { Labels = Quick.Network.Labels },
        Optimiser = Quick.Optimiser with { Rate = new LearningRate.WarmUpCosine(2e-3, 500, (int)Quick.Length.Steps) },
        Ema = [new EmaDecay.Ramp(0.999), new EmaDecay.PowerFunction(0.05), new EmaDecay.PowerFunction(0.1)],
        Length = Quick.Length with { Batch = 256 },
    };

    /// <summary>The options that make it of the quick recipe.</summary>
    public static Sequence<string> Options { get; } = RecipeDifference.Between(Quick, Recipe)
        .SelectMany(difference => (string[])["--set", $"{difference.Path}={difference.After}"]).ToSequence();
}
