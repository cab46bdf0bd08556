using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>Squares of pixels as channels, and back: space to depth and depth to space. Shi et al. 2016, Eq. 4.</summary>
/// <remarks>Channel c·p² + i·p + j of a place holds pixel (i, j) of its square in channel c.</remarks>
internal static class Patches
{
    /// <summary>[N, C, H, W] → [N, C·p², H/p, W/p]; p divides H and W.</summary>
    public static Tensor Gather(Tensor image, int side) => side == 1 ? image : functional.pixel_unshuffle(image, side);

    /// <summary>[N, C·p², H, W] → [N, C, H·p, W·p].</summary>
    public static Tensor Spread(Tensor patches, int side) => side == 1 ? patches : functional.pixel_shuffle(patches, side);
}
