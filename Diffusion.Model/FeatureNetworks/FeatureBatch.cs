using static TorchSharp.torch;

namespace Diffusion.Model.FeatureNetworks;

/// <summary>What a feature network says of a batch of images. It owns its tensors.</summary>
/// <param name="Values">The feature vectors [N, dimension].</param>
/// <param name="Logits">The class logits [N, classes].</param>
/// <param name="UnbiasedLogits">
/// The same without the bias of the last layer, which is what the original Inception Score is computed from.
/// </param>
public sealed record FeatureBatch(Tensor Values, Tensor Logits, Tensor UnbiasedLogits) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Values.Dispose();
        Logits.Dispose();
        UnbiasedLogits.Dispose();
    }
}
