using Diffusion.Model.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>A convolution with a square kernel and zero padding: [N, input, H, W] → [N, output, H', W'].</summary>
internal sealed class Convolution : Module<Tensor, Tensor>, IArranged
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;
    [ComponentName(Name = "bias")]
    private readonly Parameter _bias;
    private readonly long[] _stride;
    private readonly long[] _padding;

    private Convolution(Geometry geometry, Parameter weight)
        : base(nameof(Convolution))
    {
        (_stride, _padding) = ([geometry.Stride, geometry.Stride], [geometry.Padding, geometry.Padding]);
        _weight = weight;
        _bias = Initialiser.Zeros(weight.shape[0]);
        RegisterComponents();
    }

    /// <summary>A 3×3 convolution that keeps the size.</summary>
    public static Convolution Same(long input, long output, Initialiser initial, double gain = Initialiser.Unit) =>
        new(new(1, 1), initial.Weight(gain, output, input, 3, 3));

    /// <summary>A convolution of an odd number of pixels that keeps the size.</summary>
    public static Convolution Wide(long kernel, long input, long output, Initialiser initial) =>
        new(new(1, kernel / 2), initial.Weight(Initialiser.Unit, output, input, kernel, kernel));

    /// <summary>A 3×3 convolution of stride 2.</summary>
    public static Convolution Halving(long channels, long padding, Initialiser initial) =>
        new(new(2, padding), initial.Weight(Initialiser.Unit, channels, channels, 3, 3));

    /// <summary>A 4×4 convolution of stride 2.</summary>
    public static Convolution WideHalving(long input, long output, Initialiser initial) =>
        new(new(2, 1), initial.Weight(Initialiser.Unit, output, input, 4, 4));

    /// <summary>A 1×1 convolution.</summary>
    public static Convolution Pointwise(long input, long output, Initialiser initial) =>
        new(new(1, 0), initial.Weight(Initialiser.Unit, output, input, 1, 1));

    /// <summary>The type of the parameters.</summary>
    public ScalarType Type => _weight.dtype;

    /// <summary>How input and output lie in memory. The weights stay as they are: libtorch takes the layout of the input for all.</summary>
    public MemoryLayout Layout { get; set; }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        if (Layout == MemoryLayout.ChannelsFirst)
            return functional.conv2d(input, _weight, _bias, _stride, _padding);
        using var scope = NewDisposeScope();
        return functional.conv2d(input.WithChannelsLast(), _weight, _bias, _stride, _padding).MoveToOuterDisposeScope();
    }

    /// <summary>The same with that many zeros around the image.</summary>
    public Tensor Padded(Tensor input, long padding)
    {
        using var scope = NewDisposeScope();
        var around = functional.pad(input, [padding, padding, padding, padding]);
        return functional.conv2d(Layout == MemoryLayout.ChannelsFirst ? around : around.WithChannelsLast(), _weight, _bias, _stride)
            .MoveToOuterDisposeScope();
    }

    /// <summary>What this 3×3 convolution gives for an image whose every pixel was repeated 2×2, with 4/9 of the multiplications.</summary>
    /// <remarks>
    /// Repeating is a transposed convolution of stride 2 with a kernel of ones; with a 3×3 convolution behind, it is one with the 4×4
    /// kernel in which each weight is added wherever one of the four copies of a pixel meets it. With the channels last four
    /// convolutions with 2×2 kernels are faster, which are the same.
    /// </remarks>
    public Tensor AfterRepeating(Tensor input)
    {
        using var scope = NewDisposeScope();
        if (Layout == MemoryLayout.ChannelsLast)
            return OfEachPhase(input).MoveToOuterDisposeScope();
        var mirrored = _weight.flip(2, 3).transpose(0, 1);  // [input, output, 3, 3]
        var columns = functional.pad(mirrored, [1, 0, 0, 0]).Plus(functional.pad(mirrored, [0, 1, 0, 0]));
        var kernel = functional.pad(columns, [0, 0, 1, 0]).Plus(functional.pad(columns, [0, 0, 0, 1]));  // [input, output, 4, 4]
        // oneDNN adds up the gradient of a transposed convolution's bias number by number.
        var output = functional.conv_transpose2d(input, kernel, strides: [2, 2], padding: [1, 1]);
        return output.add_(_bias.view(-1, 1, 1), Number.One).MoveToOuterDisposeScope();
    }

    // The pixels of even rows are one convolution of the image before repeating, those of odd rows another, and so for columns: 2×2
    // kernels, in which the weights that meet the same pixel are added.
    private Tensor OfEachPhase(Tensor input)
    {
        var channels = (Output: _weight.shape[0], Input: _weight.shape[1]);
        var kernels = Halves(Halves(_weight, 2), 3).view(channels.Output, channels.Input, 2, 2, 2, 2);  // rows: phase, place; columns too
        kernels = kernels.permute(2, 4, 0, 1, 3, 5).reshape(4 * channels.Output, channels.Input, 2, 2);
        var phases = functional.conv2d(input.WithChannelsLast(), kernels, _bias.repeat(4), [1, 1], [1, 1]);
        return Interleaving.Of(phases);

        // Weights of three pixels → of the two that an even one meets, and of the two that an odd one meets.
        static Tensor Halves(Tensor weights, int axis)
        {
            var parts = weights.split(1, axis);
            return cat([parts[0], parts[1].Plus(parts[2]), parts[0].Plus(parts[1]), parts[2]], axis);
        }
    }

    private readonly record struct Geometry(long Stride, long Padding);
}
