using static TorchSharp.torch;

namespace Diffusion.Model.Evaluation;

/// <summary>What a feature network says of a batch of images. It owns its tensors.</summary>
/// <param name="Values">The feature vectors [N, dimension].</param>
/// <param name="Logits">The class logits [N, classes], with the bias of the last layer.</param>
public sealed record ImageFeatures(Tensor Values, Tensor Logits) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Values.Dispose();
        Logits.Dispose();
    }
}
