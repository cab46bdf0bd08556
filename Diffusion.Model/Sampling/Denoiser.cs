using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Values;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Sampling;

/// <summary>A trained network as an estimator of clean images: asked at a level, combined by guidance, read out.</summary>
/// <remarks>
/// Where guidance needs several answers of the network, they come from one call of a larger batch. It combines predictions only: a learned
/// variance is the one with the label, where the network is asked with one. One batch of samples has one of these, which remembers the
/// direction of guidance where that has momentum.
/// </remarks>
/// <param name="network">The network, in evaluation mode.</param>
/// <param name="prediction">What it was trained to output.</param>
/// <param name="guidance">How answers under several conditions are combined.</param>
/// <param name="labels">[N] labels of the samples, or null to ask for no label in particular.</param>
/// <param name="precision">Arithmetic of the network.</param>
public sealed class Denoiser(UNet network, Prediction prediction, Guidance guidance, Tensor? labels, Precision precision)
    : ILearnedVariance<Tensor>, IDisposable
{
    private static readonly TensorSpace Space = new();

    private Tensor? _direction;

    /// <summary>The model that guidance moves away from; null where it asks for none.</summary>
    public WeakerModel? Weaker { get; init; }

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

    /// <inheritdoc/>
    public void Dispose() => _direction?.Dispose();

    private (Tensor Clean, Tensor? Variance) Estimate(Tensor state, NoiseLevel level)
    {
        var readout = prediction.ReadoutAt(level.Marginal);
        var (output, variance) = Guided(state, level, readout);
        return (state.Times(readout.OfState).add_(output, alpha: Number.Of(readout.OfOutput)), variance);
    }

    private (Tensor Prediction, Tensor? Variance) Guided(Tensor state, NoiseLevel level, Readout readout)
    {
        // Without labels there is one answer only, but for that of a weaker model.
        var weights = labels is null && Weaker is null ? GuidanceWeights.Conditional : guidance.WeightsAt(level);
        var asked = weights.Asked;
        var own = asked.Where(condition => condition is not Condition.Weaker).ToSequence();
        // Whatever the weights, the variance is the network's own.
        if (own.Count == 0 && network.Shape.PredictsVariance)
            own = [new Condition.Labelled()];
        var (answers, variance) = own.Count > 0 ? Own(state.Times(readout.InputScale), level, own) : (new(), null);
        if (asked.Any(condition => condition is Condition.Weaker))
            answers[new Condition.Weaker()] = GivenWeaker.Ask(state, level, labels, prediction);
        var answer = GuidedAnswer<Tensor>.Of(Space, weights, answers, new(state, readout), _direction);
        Remember(answer.Direction);
        return (answer.Output, variance);
    }

    // It outlives the estimate that it is made of.
    private void Remember(Tensor? direction)
    {
        if (direction is null)
            return;
        _direction?.Dispose();
        _direction = direction.alias().DetachFromDisposeScope();
    }

    private WeakerModel GivenWeaker =>
        Weaker ?? throw new InvalidOperationException("Guidance moves away from a weaker model, and none was given.");

    // The network's own answers, and the variance of the first of them.
    private (Dictionary<Condition, Tensor> Answers, Tensor? Variance) Own(Tensor input, NoiseLevel level, Sequence<Condition> asked)
    {
        if (labels is null || asked.Count == 1)
        {
            var (alone, own) = network.Halves(Ask(input, level, labels is null ? null : LabelsFor(asked[0], labels)));
            return (asked.ToDictionary(condition => condition, _ => alone), own);
        }
        var outputs = Ask(cat([.. asked.Select(_ => input)]), level, cat([.. asked.Select(condition => LabelsFor(condition, labels))]))
            .chunk(asked.Count).Select(network.Halves).ToList();
        return (asked.Zip(outputs).ToDictionary(pair => pair.First, pair => pair.Second.Prediction), outputs[0].Variance);
    }

    private Tensor LabelsFor(Condition condition, Tensor own) => condition switch
    {
        Condition.Unlabelled => full_like(own, Number.Of(network.Shape.Labels!.Classes)),
        Condition.Other other => full_like(own, Number.Of(other.Label)),
        _ => own,
    };

    private Tensor Ask(Tensor input, NoiseLevel level, Tensor? given) => Answer(network, prediction, precision, (input, level, given));

    internal static Tensor Answer(
        UNet network, Prediction prediction, Precision precision, (Tensor Input, NoiseLevel Level, Tensor? Labels) question)
    {
        var time = full(1, Number.Of(prediction.TimeAt(question.Level)), float32, question.Input.device);
        using var arithmetic = precision.On(question.Input.device);
        return network.call(question.Input, time, question.Labels);
    }
}

/// <summary>A model that autoguidance moves away from. Karras et al. 2024.</summary>
/// <param name="Network">The network, in evaluation mode, on the device of the one that is sampled.</param>
/// <param name="Prediction">What it was trained to output.</param>
/// <param name="Precision">Arithmetic of the network.</param>
public sealed record WeakerModel(UNet Network, Prediction Prediction, Precision Precision)
{
    /// <summary>Its answer, as an output of a network that was trained to predict something else.</summary>
    internal Tensor Ask(Tensor state, NoiseLevel level, Tensor? labels, Prediction other)
    {
        var input = state.Times(Prediction.ReadoutAt(level.Marginal).InputScale);
        var given = Network.Shape.Labels is null ? null : labels;
        var output = Network.Halves(Denoiser.Answer(Network, Prediction, Precision, (input, level, given))).Prediction;
        if (Prediction == other)
            return output;
        var (ofState, ofOutput) = Prediction.ConvertAt(level.Marginal, other);
        return state.Times(ofState).add_(output, alpha: Number.Of(ofOutput));
    }
}
