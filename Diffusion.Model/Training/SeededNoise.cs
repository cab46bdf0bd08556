using Diffusion.Math.Values;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>Standard normal numbers as a function of a seed.</summary>
internal static class SeededNoise
{
    /// <summary>Numbers of the shape and type of a tensor, on its device.</summary>
    /// <remarks>
    /// On a CPU nothing else is touched. On a GPU, for which TorchSharp makes no generator, libtorch's own begins at the seed, and whatever
    /// dropout draws there comes after.
    /// </remarks>
    public static Tensor Like(Tensor like, Seed seed)
    {
        var number = seed.Value >> 1;
        if (like.device_type != DeviceType.CPU)
        {
            random.manual_seed((long)number);
            return randn_like(like);
        }
        using var generator = new Generator(number, CPU);
        return randn(like.shape, like.dtype, generator: generator);
    }
}
