using Diffusion.Math.Values;
using static TorchSharp.torch;

namespace Diffusion.Model.FeatureNetworks;

/// <summary>Stages one after the other.</summary>
internal static class Chains
{
    /// <summary>How many channels leave the last stage.</summary>
    internal static long Channels(this Sequence<Stage> chain, long input) =>
        chain.Aggregate(input, (channels, stage) => stage.Channels(channels));

    /// <summary>Rows and columns that leave the last stage.</summary>
    internal static Extent Size(this Sequence<Stage> chain, Extent input) => chain.Aggregate(input, (size, stage) => stage.Size(size));

    /// <summary>Multiplications that all stages need for one image.</summary>
    internal static long Products(this Sequence<Stage> chain, long input, Extent size)
    {
        var products = 0L;
        foreach (var stage in chain)
        {
            products += stage.Products(input, size);
            (input, size) = (stage.Channels(input), stage.Size(size));
        }
        return products;
    }

    /// <summary>The weights of all stages.</summary>
    internal static IEnumerable<WeightShape> Weights(this Sequence<Stage> chain, long input, string prefix)
    {
        foreach (var stage in chain)
        {
            foreach (var weight in stage.Weights(input, prefix))
                yield return weight;
            input = stage.Channels(input);
        }
    }

    /// <summary>Runs stage after stage.</summary>
    internal static Tensor Run(this Sequence<Stage> chain, Tensor input, IConvolver convolver, string prefix) =>
        chain.Aggregate(input, (image, stage) => stage.Run(image, convolver, prefix));
}
