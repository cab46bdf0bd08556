using Diffusion.Math.Values;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>The network that predicts noise, image or velocity: (state, time, labels or null) → output.</summary>
/// <remarks>
/// Ho et al. 2020, appendix B, and its relatives, or another family (see <see cref="UNetShape"/> and <see cref="UNetArchitecture"/>).
/// Names and order of the parameters are those of diffusers' <c>UNet2DModel</c>, so weights travel both ways. Computation is in the type
/// of the parameters, or in that of an <see cref="Runtime.Autocast"/> around the call; the output has the type of the state.
/// </remarks>
public sealed class UNet : Module<Tensor, Tensor, Tensor?, Tensor>
{
    private readonly UNetBody _body;

    /// <summary>A network in float32 on the CPU whose first weights, and masks in training, are a function of the seed alone.</summary>
    /// <exception cref="ArgumentException">The shape has faults; the message names them all.</exception>
    public UNet(UNetShape shape, Seed seed)
        : this(shape, new Initialiser(seed))
    {
        MaskSeeds.Of(this, seed.For("dropout"));
    }

    private UNet(UNetShape shape, Initialiser initial)
        : base(nameof(UNet))
    {
        Shape = shape;
        using var owned = initial;
        if (shape.Faults().ToArray() is { Length: > 0 } faults)
            throw new ArgumentException(string.Join(" ", faults), nameof(shape));
        _body = UNetBody.Of(shape, initial);
        foreach (var (name, part) in _body.Parts())
            register_module(name, part);
    }

    /// <summary>A network whose weights have names and shapes, but take no memory and cannot be computed with.</summary>
    /// <exception cref="ArgumentException">The shape has faults; the message names them all.</exception>
    internal static UNet Outline(UNetShape shape) => new(shape, Initialiser.OfOutlines());

    /// <summary>A network of zeros, for weights that a file holds: none are drawn that would be replaced.</summary>
    /// <exception cref="ArgumentException">The shape has faults; the message names them all.</exception>
    public static UNet Unfilled(UNetShape shape)
    {
        var network = new UNet(shape, Initialiser.OfZeros());
        MaskSeeds.Of(network, new Seed(0).For("dropout"));
        return network;
    }

    /// <summary>What the network was built from.</summary>
    public UNetShape Shape { get; }

    /// <summary>The number of numbers that training changes.</summary>
    public long ParameterCount => parameters().Sum(parameter => parameter.numel());

    /// <summary>An output's prediction, and beside it what it says of the variance; null where it is all prediction. Views.</summary>
    public (Tensor Prediction, Tensor? Variance) Halves(Tensor output) =>
        Shape.PredictsVariance && output.chunk(2, 1) is [var prediction, var variance] ? (prediction, variance) : (output, null);

    /// <summary>Predicts from noisy states.</summary>
    /// <param name="state">[N, input channels, H, W], of any H and W.</param>
    /// <param name="time">[N], or [1] for all, of any numeric type: what the embedding takes the sines of.</param>
    /// <param name="labels">[N], or [1] for all, of int64; null for none, which the null label then stands for where there is one.</param>
    /// <returns>[N, output channels, H, W], of the type of <paramref name="state"/>.</returns>
    /// <exception cref="ArgumentException">Labels were given to an unconditional network, or none to one that has no null
    /// label.</exception>
    public override Tensor forward(Tensor state, Tensor time, Tensor? labels)
    {
        using var scope = NewDisposeScope();
        var frame = new Frame(state.shape[2], state.shape[3], Shape.SizeMultiple);
        var output = _body.Compute(frame.Around(state.to(_body.Type)), time, labels);
        return frame.Off(output).to(state.dtype).MoveToOuterDisposeScope();
    }
}
