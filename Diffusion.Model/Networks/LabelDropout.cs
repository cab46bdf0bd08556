using Diffusion.Math.Values;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Networks;

/// <summary>Forgets labels at random in training, so that one network learns both the conditional and the unconditional prediction.</summary>
/// <remarks>Ho and Salimans 2022, algorithm 1, where the probability is called p_uncond and 0.1 or 0.2 work well.</remarks>
/// <param name="Probability">With which a label becomes the null label, in [0, 1].</param>
public sealed record LabelDropout(double Probability)
{
    /// <summary>With which a label becomes the null label, in [0, 1].</summary>
    public double Probability { get; init => field = Require.Within(value, 0, 1); } = Require.Within(Probability, 0, 1);

    /// <summary>Labels of shape [N], some of them replaced; drawn from libtorch's generator of the labels' device.</summary>
    /// <exception cref="ArgumentException">The network has no null label.</exception>
    public Tensor Apply(Tensor labels, LabelShape shape)
    {
        if (shape.Null == NullLabel.Absent)
            throw new ArgumentException($"A network of {shape.Classes} classes without a null label cannot learn without labels.", nameof(shape));
        using var scope = NewDisposeScope();
        var forgotten = rand(labels.shape, float32, labels.device) < Probability;
        return labels.masked_fill(forgotten, shape.Classes).MoveToOuterDisposeScope();
    }
}
