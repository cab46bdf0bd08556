using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>A classifier that learns to name noisy pictures.</summary>
/// <remarks>Loss = mean of −log p(label | input, time), in nats. Dhariwal and Nichol 2021, section 4.</remarks>
internal sealed class ClassifyingLearner : Learner
{
    private readonly NoisyClassifier _network;

    public ClassifyingLearner(Recipe recipe, NoisyClassifierShape shape, Seed seed)
        : this(recipe, new NoisyClassifier(shape, seed))
    {
    }

    private ClassifyingLearner(Recipe recipe, NoisyClassifier network)
        : base(network, recipe.Precision) => _network = network;

    public override string? Misfit(Provenance pictures)
    {
        var (channels, classes) = (pictures.Shape.Channels, pictures.Description.ClassNames.Count);
        if (_network.Shape.Encoder.InputChannels != channels)
            return $"The classifier takes {_network.Shape.Encoder.InputChannels} channels; the pictures have {channels}.";
        return _network.Shape.Classes != classes ? $"The classifier tells {_network.Shape.Classes} classes apart; the pictures have {classes}." : null;
    }

    public override Tensor Labels(Tensor labels, Seed seed) => labels.alias();

    public override Tensor Loss(NoisedBatch part, long whole)
    {
        var input = part.Input;
        Tensor logits;
        using (Arithmetic(input.device))
            logits = _network.call(input, part.Weights.Time);
        return nn.functional.cross_entropy(logits, part.Labels!, reduction: nn.Reduction.Sum) / whole;
    }
}
