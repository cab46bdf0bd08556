using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>A batch and everything that was drawn for it.</summary>
/// <param name="Clean">x_0, [N, C, H, W].</param>
/// <param name="Noise">ε, of the same shape.</param>
/// <param name="Weights">How they are mixed.</param>
/// <param name="Labels">What the network is told, or has to find, int64 [N]; null where labels play no part.</param>
public sealed record NoisedBatch(Tensor Clean, Tensor Noise, ExampleWeights Weights, Tensor? Labels)
{
    /// <summary>How many images there are.</summary>
    public long Count => Clean.shape[0];

    /// <summary>What the network sees, [N, C, H, W]; a new tensor.</summary>
    public Tensor Input => Weights.Input(Clean, Noise);

    /// <summary>What a denoising network should output, [N, C, H, W]; a new tensor.</summary>
    public Tensor Target => Weights.Target(Clean, Noise);

    /// <summary>Some consecutive images; views.</summary>
    public NoisedBatch Part(long first, long length) =>
        new(Clean.narrow(0, first, length), Noise.narrow(0, first, length), Weights.Part(first, length), Labels?.narrow(0, first, length));
}
