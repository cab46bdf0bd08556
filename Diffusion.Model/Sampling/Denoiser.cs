using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Sampling;

/// <summary>A trained network as an estimator of clean images: asked at a level, combined by guidance, read out.</summary>
/// <remarks>
/// Where guidance needs both outputs, both come from one call of a doubled batch. It combines predictions only: a learned variance is the
/// one with the label, where the network is asked with one.
/// </remarks>
/// <param name="network">The network, in evaluation mode.</param>
/// <param name="prediction">What it was trained to output.</param>
/// <param name="guidance">How conditional and unconditional outputs are combined.</param>
/// <param name="labels">[N] labels of the samples, or null to ask for no label in particular.</param>
/// <param name="precision">Arithmetic of the network.</param>
public sealed class Denoiser(UNet network, Prediction prediction, Guidance guidance, Tensor? labels, Precision precision)
    : ILearnedVariance<Tensor>
{
    /// <inheritdoc/>
    public Tensor Denoise(Tensor state, NoiseLevel level)
    {
        using var scope = NewDisposeScope();
        return Estimate(state, level).Clean.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The network predicts no variance.</exception>
    public Denoised<Tensor> DenoiseWithVariance(Tensor state, NoiseLevel level)
    {
        if (!network.Shape.PredictsVariance)
            throw new InvalidOperationException("The plan takes its variance from the network, and the network predicts none.");
        using var scope = NewDisposeScope();
        var (clean, variance) = Estimate(state, level);
        return new(clean.MoveToOuterDisposeScope(), variance!.Plus(1).Over(2).MoveToOuterDisposeScope());
    }

    private (Tensor Clean, Tensor? Variance) Estimate(Tensor state, NoiseLevel level)
    {
        var readout = prediction.ReadoutAt(level.Marginal);
        var (output, variance) = Guided(state.Times(readout.InputScale), level);
        return (state.Times(readout.OfState).add_(output, alpha: Number.Of(readout.OfOutput)), variance);
    }

    private (Tensor Prediction, Tensor? Variance) Guided(Tensor input, NoiseLevel level)
    {
        var weights = guidance.WeightsAt(level);
        if (labels is null || !weights.NeedsUnconditional)
            return network.Halves(Ask(input, level, labels));
        var none = full_like(labels, Number.Of(network.Shape.Labels!.Classes));
        if (!weights.NeedsConditional)
            return network.Halves(Ask(input, level, none)) is var (alone, own) ? (alone.Times(weights.OfUnconditional), own) : default;
        var both = Ask(cat([input, input]), level, cat([labels, none])).chunk(2);
        var ((conditional, variance), (unconditional, _)) = (network.Halves(both[0]), network.Halves(both[1]));
        var combined = conditional.Times(weights.OfConditional).add_(unconditional, alpha: Number.Of(weights.OfUnconditional));
        return (weights.Rescaling == 0 ? combined : combined * Factors(weights.Rescaling, conditional, combined), variance);
    }

    // GuidanceWeights.FactorFor, for all samples at once.
    private static Tensor Factors(double rescaling, Tensor conditional, Tensor combined) =>
        (Sigma(conditional) / Sigma(combined)).mul_(Number.Of(rescaling)).add_(Number.Of(1 - rescaling), Number.One);

    // [N, C, H, W] → [N, 1, 1, 1], over n − 1.
    private static Tensor Sigma(Tensor batch) => batch.flatten(1).std(1, unbiased: true).view(-1, 1, 1, 1);

    private Tensor Ask(Tensor input, NoiseLevel level, Tensor? given)
    {
        var time = full(1, Number.Of(prediction.TimeAt(level)), float32, input.device);
        using var arithmetic = precision.On(input.device);
        return network.call(input, time, given);
    }
}
