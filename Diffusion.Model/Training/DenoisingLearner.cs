using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>A U-Net that learns to denoise, and may learn the variance of the reverse steps.</summary>
internal sealed class DenoisingLearner : Learner
{
    private readonly Recipe _recipe;
    private readonly UNet _network;
    private readonly DenoisingLoss _loss;

    public DenoisingLearner(Recipe recipe, UNet network)
        : base(network, recipe.Precision) => (_recipe, _network, _loss) = (recipe, network, new(recipe));

    public override string? Mismatch(Provenance images)
    {
        var (shape, channels, classes) = (_recipe.Network, images.Shape.Channels, images.Description.ClassNames.Count);
        if (shape.InputChannels != channels || shape.OutputChannels != channels * (shape.PredictsVariance ? 2 : 1))
            return $"The network takes {shape.InputChannels} and gives {shape.OutputChannels} channels; the images have {channels}.";
        return _recipe.Labels is Conditioning.Labelled && !(shape.Labels is { Null: NullLabel.Learned } labels && labels.Classes == classes)
            ? $"Training with labels needs a network for {classes} classes with a null label; this one has {shape.Labels}."
            : null;
    }

    // Ho and Salimans 2021, Algorithm 1: "c ← ∅ with probability p_uncond".
    public override Tensor? Labels(Tensor labels, Seed seed, long first = 0)
    {
        if (_recipe.Labels is not Conditioning.Labelled labelled)
            return null;
        var uniforms = seed.Uniforms(first + labels.shape[0]).Skip((int)first);
        bool[] dropped = [.. uniforms.Select(uniform => uniform < labelled.Dropout)];
        return labels.masked_fill(Upload.To(tensor(dropped), labels.device), Number.Of(_recipe.Network.Labels!.Classes));
    }

    public override Tensor Output(NoisedBatch part)
    {
        var input = part.Input;
        using (Arithmetic(input.device))
            return _network.call(input, part.Weights.Time, part.Labels);
    }

    public override Tensor Loss(NoisedBatch part, Tensor output, long whole)
    {
        var (prediction, variance) = _network.Halves(output);
        return _loss.Of(part, prediction, variance, whole);
    }
}
