using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>A classifier that learns to name noisy images.</summary>
/// <remarks>Loss = mean of −log p(label | input, time), in nats. Dhariwal and Nichol 2021, section 4.</remarks>
internal sealed class ClassifyingLearner : Learner
{
    private readonly NoisyClassifier _network;

    public ClassifyingLearner(Recipe recipe, NoisyClassifier network)
        : base(network, recipe.Precision) => _network = network;

    public override string? Mismatch(Provenance images)
    {
        var (channels, classes) = (images.Shape.Channels, images.Description.ClassNames.Count);
        if (_network.Shape.Encoder.InputChannels != channels)
            return $"The classifier takes {_network.Shape.Encoder.InputChannels} channels; the images have {channels}.";
        return _network.Shape.Classes != classes
            ? $"The classifier tells {_network.Shape.Classes} classes apart; the images have {classes}." : null;
    }

    public override Tensor Labels(Tensor labels, Seed seed, long first = 0) => labels.alias();

    public override Tensor Output(NoisedBatch part)
    {
        var input = part.Input;
        using (Arithmetic(input.device))
            return _network.call(input, part.Weights.Time);
    }

    public override Tensor Loss(NoisedBatch part, Tensor output, long whole) =>
        nn.functional.cross_entropy(output, part.Labels!, reduction: nn.Reduction.Sum).Over(whole);
}
