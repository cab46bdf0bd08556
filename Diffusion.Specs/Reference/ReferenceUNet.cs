using System.Runtime.InteropServices;
using Diffusion.Math.Values;
using Diffusion.Model.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Reference;

/// <summary>Builds the networks that reference files describe: their weights are given by formula.</summary>
public static class ReferenceUNet
{
    /// <summary>A network with the weights that the formula gives for a salt, in evaluation mode and float32.</summary>
    public static UNet Build(UNetShape shape, string salt)
    {
        var network = UNet.Unfilled(shape);
        using var none = no_grad();
        foreach (var (name, parameter) in network.named_parameters())
            parameter.bytes = MemoryMarshal.AsBytes(Weights(salt, name, parameter.shape).AsSpan());
        network.eval();
        return network;
    }

    private static float[] Weights(string salt, string name, long[] shape)
    {
        var fan = shape.Skip(1).Aggregate(1L, (product, extent) => product * extent);
        var (offset, scale) =
            name.EndsWith("bias", StringComparison.Ordinal) ? (0, 0.1) : shape.Length >= 2 ? (0, Sqrt(3.0 / fan)) : (1.0, 0.2);
        return Array.ConvertAll(Formula.Symmetric($"{salt}:{name}", (int)(shape[0] * fan)), value => (float)(offset + scale * value));
    }
}
