using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>A network, and what it learns from noised images: all that differs between the goals of a recipe.</summary>
public abstract class Learner : IDisposable
{
    private readonly Precision _precision;

    private protected Learner(nn.Module network, Precision precision) => (Network, _precision) = (network, precision);

    /// <summary>The network.</summary>
    public nn.Module Network { get; }

    /// <summary>A network before its first update, in float32 on the CPU.</summary>
    /// <param name="recipe">What is trained; its goal decides.</param>
    /// <param name="seed">What the first weights follow from; null for zeros, where those of a checkpoint come next.</param>
    public static Learner Of(Recipe recipe, Seed? seed) => recipe.Goal switch
    {
        Goal.Denoise => new DenoisingLearner(recipe, seed is { } first ? new(recipe.Network, first) : UNet.Unfilled(recipe.Network)),
        Goal.Classify goal => new ClassifyingLearner(
            recipe, seed is { } first ? new(goal.Shape(recipe), first) : NoisyClassifier.Unfilled(goal.Shape(recipe))),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Denoising, with a network that is there already.</summary>
    /// <param name="recipe">What is trained.</param>
    /// <param name="network">The network, which becomes the learner's.</param>
    public static Learner Of(Recipe recipe, UNet network) => new DenoisingLearner(recipe, network);

    /// <summary>Why it cannot learn from such images, in a sentence; null where it can.</summary>
    public abstract string? Mismatch(Provenance images);

    /// <summary>What is made of a batch's labels before the loss sees them; null where they play no part.</summary>
    /// <param name="labels">int64 [N].</param>
    /// <param name="seed">What any chance follows from.</param>
    /// <param name="first">The number of the first of them in their batch.</param>
    public abstract Tensor? Labels(Tensor labels, Seed seed, long first = 0);

    /// <summary>The share that some images have in the mean loss of a batch, a single number from which gradients flow back.</summary>
    /// <param name="part">The images, noised.</param>
    /// <param name="whole">How many images the batch has.</param>
    public Tensor Loss(NoisedBatch part, long whole) => Loss(part, Output(part), whole);

    /// <summary>What the network makes of some images.</summary>
    /// <param name="part">The images, noised.</param>
    public abstract Tensor Output(NoisedBatch part);

    /// <summary>The share that some images have in the mean loss of a batch, were this what the network made of them.</summary>
    /// <param name="part">The images, noised.</param>
    /// <param name="output">What a network made of them.</param>
    /// <param name="whole">How many images the batch has.</param>
    public abstract Tensor Loss(NoisedBatch part, Tensor output, long whole);

    /// <inheritdoc/>
    public void Dispose()
    {
        Network.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The arithmetic of the forward pass, until disposed; null for plain float32.</summary>
    private protected Autocast? Arithmetic(Device device) => _precision.On(device);
}
