using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Networks;

/// <summary>
/// How the numbers of [N, C, H, W] lie in memory while a network computes. Equal in meaning, to rounding; different in cost.
/// </summary>
public enum MemoryLayout
{
    /// <summary>One channel after the other (NCHW): what normalisation prefers, and on a CPU the fastest.</summary>
    ChannelsFirst,

    /// <summary>
    /// One pixel after the other, its channels together (NHWC): what the tensor cores of NVIDIA GPUs multiply without rearranging.
    /// </summary>
    ChannelsLast,
}

/// <summary>Networks and tensors in a memory layout.</summary>
public static class MemoryLayouts
{
    /// <summary>Has every convolution of a network compute in a layout from now on. Neither shapes nor parameters change.</summary>
    /// <param name="network">A network of this program.</param>
    /// <param name="layout">What is wished for.</param>
    /// <param name="device">
    /// Where the network is. On a CPU the wish is not heard: the backward pass of a normalisation takes four to five times as long there
    /// with the channels last.
    /// </param>
    public static void Arrange(this nn.Module network, MemoryLayout layout, Device device) =>
        network.Arrange(device.type == DeviceType.CPU ? MemoryLayout.ChannelsFirst : layout);

    /// <summary>Has every convolution of a network compute in a layout from now on, whatever the device.</summary>
    public static void Arrange(this nn.Module network, MemoryLayout layout)
    {
        foreach (var convolution in network.modules().Append(network).OfType<IArranged>())
            convolution.Layout = layout;
    }

    /// <summary>
    /// The same numbers with the channels last, [N, C, H, W] by shape still; the tensor itself, another name for it, where they are.
    /// </summary>
    public static Tensor WithChannelsLast(this Tensor images) => images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
}

/// <summary>A convolution that computes in a layout.</summary>
internal interface IArranged
{
    /// <summary>How input and output lie in memory.</summary>
    MemoryLayout Layout { get; set; }
}
