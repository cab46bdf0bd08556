using Diffusion.Math.Values;

namespace Diffusion.Model.FeatureNetworks;

/// <summary>A network that turns images into feature vectors and class logits, as a value.</summary>
/// <param name="Name">What its distances are called after: <c>fd_Name</c>.</param>
/// <param name="InputChannels">Channels of the images.</param>
/// <param name="Blocks">The stages, cut where features can be taken: the last block's are the usual ones.</param>
/// <param name="Classes">How many classes the logits tell apart.</param>
public sealed record FeatureNetworkShape(string Name, long InputChannels, Sequence<Sequence<Stage>> Blocks, long Classes)
{
    /// <summary>Channels after each block: the length of the feature vectors taken there.</summary>
    public Sequence<long> Dimensions
    {
        get
        {
            var channels = InputChannels;
            return [.. Blocks.Select(block => channels = block.Channels(channels))];
        }
    }

    /// <summary>Multiplications, each with an addition, that the network needs for one image of so many rows and columns.</summary>
    public long Products(Extent size)
    {
        var (channels, products) = (InputChannels, 0L);
        foreach (var block in Blocks)
        {
            products += block.Products(channels, size);
            (channels, size) = (block.Channels(channels), block.Size(size));
        }
        return products + channels * Classes;
    }

    /// <summary>Every array of weights, in the order of PyTorch's state dict; the counters of batches are not weights.</summary>
    public IEnumerable<WeightShape> Weights
    {
        get
        {
            var channels = InputChannels;
            foreach (var block in Blocks)
            {
                foreach (var weight in block.Weights(channels, ""))
                    yield return weight;
                channels = block.Channels(channels);
            }
            yield return new("fc.weight", [Classes, channels]);
            yield return new("fc.bias", [Classes]);
        }
    }
}
