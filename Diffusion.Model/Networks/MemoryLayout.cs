using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Networks;

/// <summary>
/// How the numbers of [N, C, H, W] lie in memory while a network computes. Equal in meaning, to rounding; different in cost.
/// </summary>
public enum MemoryLayout
{
    /// <summary>One channel after the other (NCHW): what libtorch's normalisation prefers, and in float32 on a CPU the fastest.</summary>
    ChannelsFirst,

    /// <summary>
    /// One pixel after the other, its channels together (NHWC): what the tensor cores of NVIDIA GPUs, and CPUs in bfloat16, multiply
    /// without rearranging.
    /// </summary>
    ChannelsLast,
}

/// <summary>Networks and tensors in a memory layout.</summary>
public static class MemoryLayouts
{
    /// <summary>
    /// Has every convolution and normalisation of a network compute in a layout from now on. Neither shapes nor parameters change.
    /// </summary>
    public static void Arrange(this nn.Module network, MemoryLayout layout)
    {
        foreach (var module in network.modules().Append(network).OfType<IArranged>())
            module.Layout = layout;
    }

    /// <summary>
    /// The same numbers with the channels last, [N, C, H, W] by shape still; the tensor itself, another name for it, where they are.
    /// </summary>
    public static Tensor WithChannelsLast(this Tensor images) => images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

    /// <summary>
    /// Where the numbers of images on a CPU with the channels last begin: the bytes of the first image, behind which the others lie. A span
    /// of all of them would end at 2 GiB.
    /// </summary>
    internal static Span<byte> FirstPlaces(this Tensor images) =>
        images.narrow(0, 0, Min(1, images.shape[0])).permute(0, 2, 3, 1).bytes;
}

/// <summary>A convolution or normalisation that computes in a layout.</summary>
internal interface IArranged
{
    /// <summary>How input and output lie in memory.</summary>
    MemoryLayout Layout { get; set; }
}
