using System.Numerics;
using System.Runtime.InteropServices;
using Diffusion.Math.Values;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>Zeroes activations at random and scales the others so that their mean stays. Srivastava et al. 2014.</summary>
/// <remarks>
/// libtorch's own operation draws a double for each element, on one core only: 5 % of the CPU time of a training step of the paper network,
/// and more of the wall clock. Here 64 random bits decide over four elements, and the mask is made where it will lie.
/// On a GPU the masks come from libtorch's own generator there.
/// </remarks>
public static class Dropout
{
    private const ushort OneInBFloat16 = 0x3F80;
    private const int Block = 64;

    /// <summary>Applies a fresh mask, made by the fastest way of the activations' device.</summary>
    /// <param name="hidden">Activations of any shape.</param>
    /// <param name="probability">Of an activation to be zeroed, in [0, 1).</param>
    /// <param name="masks">What a mask on the CPU is a function of.</param>
    public static Tensor Apply(Tensor hidden, double probability, MaskSeeds masks) => hidden.device_type == DeviceType.CPU
        ? Apply(hidden, probability, masks.Next())
        : functional.dropout(hidden, probability, training: true);

    /// <summary>Applies the mask of a seed to activations on the CPU.</summary>
    /// <param name="hidden">Activations of any shape.</param>
    /// <param name="probability">Of an activation to be zeroed, in [0, 1); rounded down to a multiple of 2^−16.</param>
    /// <param name="seed">What the mask is a function of.</param>
    public static Tensor Apply(Tensor hidden, double probability, Seed seed)
    {
        using var scope = NewDisposeScope();
        var mask = Mask(hidden.numel(), probability, seed).to(hidden.dtype).mul_(Number.Of(1 / (1 - probability)));
        return (hidden * mask.view(hidden.shape)).MoveToOuterDisposeScope();
    }

    // Zeros and ones in bfloat16: random 16-bit words, each then replaced by what it decides.
    private static Tensor Mask(long count, double probability, Seed seed)
    {
        var mask = empty((count + Block - 1) / Block * Block, bfloat16);
        var words = MemoryMarshal.Cast<byte, ulong>(mask.bytes);
        seed.Fill(words);
        var (threshold, one) = (new Vector<ushort>((ushort)(probability * 65536)), new Vector<ushort>(OneInBFloat16));
        foreach (ref var decision in MemoryMarshal.Cast<ulong, Vector<ushort>>(words))
            decision = Vector.GreaterThanOrEqual(decision, threshold) & one;
        return mask.narrow(0, 0, count);
    }
}
