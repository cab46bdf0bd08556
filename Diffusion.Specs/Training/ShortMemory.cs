using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Training;

/// <summary>A device whose memory takes only so many images at once.</summary>
internal static class ShortMemory
{
    /// <summary>What a network calls before it computes: in training it fails as CUDA does where there are more images than that.</summary>
    public static Func<nn.Module<Tensor, Tensor, Tensor?, Tensor>, Tensor, Tensor, Tensor?, (Tensor, Tensor, Tensor?)?> For(int images) =>
        (network, state, _, _) => !network.training || state.shape[0] <= images ? null : throw Shortage;

    /// <summary>The same in sampling.</summary>
    public static Func<nn.Module<Tensor, Tensor, Tensor?, Tensor>, Tensor, Tensor, Tensor?, (Tensor, Tensor, Tensor?)?> InSamplingFor(
        int images) =>
        (_, state, _, _) => state.shape[0] <= images ? null : throw Shortage;

    private static ExternalException Shortage => new("CUDA out of memory. Tried to allocate 20.00 MiB.");
}
