using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Model.Networks;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Sampling;

/// <summary>A classifier of noisy images that steers samples to their labels, where the plan asks for its gradient.</summary>
/// <param name="Network">The classifier, in evaluation mode, on the device of the network that is sampled.</param>
/// <param name="Prediction">What it was trained with: in which scale and with which time it sees a state.</param>
public sealed record Steering(NoisyClassifier Network, Prediction Prediction)
{
    /// <summary>Steers a batch to its labels.</summary>
    /// <param name="labels">int64 [N].</param>
    internal IClassifier<Tensor> To(Tensor labels) => new Gradients(this, labels);

    // In float32 whatever arithmetic the sampled network is in; every sample's gradient is its own, whatever the batch.
    private sealed class Gradients(Steering steering, Tensor labels) : IClassifier<Tensor>
    {
        // The classifier sees scale·x_t, so that its gradient in x_t is scale times that in what it sees.
        public Tensor Gradient(Tensor state, NoiseLevel level)
        {
            using var scope = NewDisposeScope();
            var scale = steering.Prediction.ReadoutAt(level.Marginal).InputScale;
            var time = full(1, Number.Of(steering.Prediction.TimeAt(level)), float32, state.device);
            return steering.Network.Gradient(state.Times(scale), time, labels).mul_(Number.Of(scale)).MoveToOuterDisposeScope();
        }
    }
}
