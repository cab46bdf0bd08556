using Diffusion.Model.Runtime;
using static TorchSharp.torch;

namespace Diffusion.Model.FeatureNetworks;

/// <summary>Runs a feature network on images that are prepared for it.</summary>
/// <param name="weights">Its weights; not owned.</param>
/// <param name="convolver">How its convolutions are computed.</param>
internal sealed class FeatureNetwork(NetworkWeights weights, IConvolver convolver)
{
    /// <summary>The features after each block, before any pooling to vectors: [N, C, H, W].</summary>
    internal IReadOnlyList<Tensor> Maps(Tensor images)
    {
        using var scope = NewDisposeScope();
        return [.. weights.Shape.Blocks.Select(block => images = block.Run(images, convolver, "").MoveToOuterDisposeScope())];
    }

    /// <summary>The features of the last block and the logits computed from them.</summary>
    internal FeatureBatch Run(Tensor images)
    {
        using var scope = NewDisposeScope();
        var vectors = Vectors(weights.Shape.Blocks.Aggregate(images, (map, block) => block.Run(map, convolver, "")));
        var unbiased = vectors.matmul(weights.Tensors["fc.weight"].mT);
        var logits = unbiased.Plus(weights.Tensors["fc.bias"]);
        return new(vectors.MoveToOuterDisposeScope(), logits.MoveToOuterDisposeScope(), unbiased.MoveToOuterDisposeScope());
    }

    /// <summary>A map averaged over its places: [N, C, H, W] → [N, C].</summary>
    internal static Tensor Vectors(Tensor map) => map.mean([2, 3]);
}
