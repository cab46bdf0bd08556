using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Recipes;

/// <summary>Arithmetic of the forward and backward pass.</summary>
public enum Precision
{
    /// <summary>IEEE single precision, the reference.</summary>
    Float32,

    /// <summary>Matrix products and convolutions in bfloat16, sums and norms in float32.</summary>
    Bfloat16,
}

/// <summary>Arithmetics at work.</summary>
internal static class Precisions
{
    /// <summary>The type of numbers in an arithmetic.</summary>
    public static ScalarType Type(this Precision precision) => precision == Precision.Bfloat16 ? ScalarType.BFloat16 : ScalarType.Float32;

    /// <summary>
    /// The arithmetic of a forward pass on the calling thread, until disposed; null for plain float32, and where nothing else is to be had.
    /// </summary>
    public static Autocast? On(this Precision precision, Device device) =>
        precision == Precision.Bfloat16 && Autocast.IsAvailable ? Autocast.To(device.type, precision.Type()) : null;
}
