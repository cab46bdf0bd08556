using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.FeatureNetworks;

/// <summary>Convolution, normalisation and ReLU one after the other, as the definition says.</summary>
/// <param name="weights">All arrays, by name.</param>
/// <param name="statistics">Where means and variances come from.</param>
internal sealed class PlainConvolver(IReadOnlyDictionary<string, Tensor> weights, BatchStatistics statistics) : IConvolver
{
    // Of the network's authors; PyTorch's own default is 1e-5.
    internal const double Epsilon = 1e-3;
    private const double Momentum = 0.1;

    public Tensor Run(Stage.Convolve stage, string name, Tensor input)
    {
        var convolved = functional.conv2d(input, weights[$"{name}.conv.weight"], null,
            [stage.Stride, stage.Stride], [stage.Padding.Rows, stage.Padding.Columns]);
        var normalised = functional.batch_norm(convolved,
            weights[$"{name}.bn.running_mean"], weights[$"{name}.bn.running_var"], weights[$"{name}.bn.weight"], weights[$"{name}.bn.bias"],
            training: statistics == BatchStatistics.OfTheBatch, momentum: Momentum, eps: Epsilon);
        return functional.relu(normalised);
    }
}

/// <summary>Where a batch normalisation takes mean and variance from.</summary>
internal enum BatchStatistics
{
    /// <summary>The running averages: a frozen network.</summary>
    Frozen,

    /// <summary>The batch itself, which also moves the running averages: training.</summary>
    OfTheBatch,
}
