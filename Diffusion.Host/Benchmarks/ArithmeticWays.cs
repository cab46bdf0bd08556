using Diffusion.Math.Values;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using Diffusion.Model.Training;
using static TorchSharp.torch;

namespace Diffusion.Host.Benchmarks;

/// <summary>A recipe in every arithmetic and memory layout that are compared on a device.</summary>
internal static class ArithmeticWays
{
    /// <summary>What this libtorch can compute in.</summary>
    public static Precision[] Precisions => Autocast.IsAvailable ? [Precision.Bfloat16, Precision.Float32] : [Precision.Float32];

    /// <summary>bfloat16 first; the last one is plain float32.</summary>
    public static Sequence<Recipe> Of(Recipe recipe, Device device) =>
        [.. FastestArithmetic.WithAnyPrecision(recipe).SelectMany(way => FastestArithmetic.WithAnyLayout(way, device.type)).Reverse()];

    /// <summary>Such as "bfloat16 channels last".</summary>
    public static string NameOf(Recipe recipe) =>
        recipe.Layout == MemoryLayout.ChannelsLast ? $"{NameOf(recipe.Precision)} channels last" : NameOf(recipe.Precision);

    /// <summary>Such as "bfloat16".</summary>
    public static string NameOf(Precision precision) => precision.ToString().ToLowerInvariant();
}
