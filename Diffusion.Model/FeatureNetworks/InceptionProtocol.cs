using Diffusion.Math.Values;
using Diffusion.Model.Runtime;
using Diffusion.Model.Images;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.FeatureNetworks;

/// <summary>How images are made ready for the Inception network. A closed union: numbers of different protocols do not compare.</summary>
public abstract record InceptionProtocol : IImagePreparation
{
    private InceptionProtocol()
    {
    }

    /// <summary>The name by which reports and command lines call it.</summary>
    public abstract string Name { get; }

    /// <inheritdoc/>
    /// <remarks>Both tools open files by PIL's <c>Image.open(f).convert('RGB')</c>.</remarks>
    public ImageReading Reading => ImageReading.AsStored;

    /// <inheritdoc/>
    public ImageShape? Images => null;

    /// <summary>Both protocols, the usual one first.</summary>
    public static Sequence<InceptionProtocol> All { get; } = [new PytorchFid(), new TorchFidelity()];

    /// <summary>Images of the network's size and range.</summary>
    /// <param name="bytes">uint8 [N, 1 or 3, H, W]; grey is repeated into three channels.</param>
    /// <param name="type">float32 or float64.</param>
    /// <returns>[N, 3, 299, 299], about [-1, 1].</returns>
    public Tensor Prepare(Tensor bytes, ScalarType type)
    {
        if (bytes.dtype != ScalarType.Byte || bytes.dim() != 4 || bytes.shape[1] is not (1 or 3))
            throw new ArgumentException(
                $"Images are bytes [N, 1 or 3, H, W]; these are {bytes.dtype} [{string.Join(", ", bytes.shape)}].", nameof(bytes));
        using var scope = NewDisposeScope();
        // Resized before it is repeated: grey costs a third.
        return Scale(bytes.to(type)).expand(-1, 3, -1, -1).contiguous().MoveToOuterDisposeScope();
    }

    private protected abstract Tensor Scale(Tensor pixels);

    /// <summary>As mseitzer/pytorch-fid: pixels/255, bilinear with half-pixel centres and no antialiasing, 2x - 1.</summary>
    public sealed record PytorchFid : InceptionProtocol
    {
        /// <inheritdoc/>
        public override string Name => "pytorch-fid";

        private protected override Tensor Scale(Tensor pixels) => functional.interpolate(
                pixels.div_(Number.Of(255)), [InceptionV3.Side, InceptionV3.Side], mode: InterpolationMode.Bilinear, align_corners: false)
            .mul_(Number.Of(2)).sub_(Number.One);
    }

    /// <summary>
    /// As toshas/torch-fidelity: TensorFlow 1's bilinear, whose source coordinate is the index times in/out, then (x - 128)/128.
    /// </summary>
    public sealed record TorchFidelity : InceptionProtocol
    {
        /// <inheritdoc/>
        public override string Name => "torch-fidelity";

        private protected override Tensor Scale(Tensor pixels) => Along(Along(pixels, 3), 2).sub_(Number.Of(128)).div_(Number.Of(128));

        private static Tensor Along(Tensor pixels, int dimension)
        {
            var size = pixels.shape[dimension];
            var source = Number.Range(0, InceptionV3.Side, float32, pixels.device).mul_(Number.Of((float)size / InceptionV3.Side));
            var below = source.to(int64);
            var above = below.Plus(1).clamp_max_(Number.Of(size - 1));
            var weight = source.sub(below).to(pixels.dtype).view(dimension == 2 ? [-1, 1] : [1, -1]);
            var (left, right) = (pixels.index_select(dimension, below), pixels.index_select(dimension, above));
            return left.add_(right.sub_(left).mul_(weight), Number.One);
        }
    }
}
