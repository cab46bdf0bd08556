using Diffusion.Model.Runtime;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>A batch to which noise was added, x_t = α_t·x_0 + σ_t·ε, with a noise level and a noise for each image.</summary>
/// <remarks>Ho et al. 2020, Eq. 4 and Algorithm 1, for any schedule and prediction.</remarks>
/// <param name="Clean">x_0, [N, C, H, W].</param>
/// <param name="Noise">ε, of the same shape.</param>
/// <param name="Weights">The scalars of each image's noise level.</param>
/// <param name="Labels">What the network is given, or has to find, int64 [N]; null where labels play no part.</param>
public sealed record NoisedBatch(Tensor Clean, Tensor Noise, ExampleWeights Weights, Tensor? Labels)
{
    /// <summary>How many images there are.</summary>
    public long Count => Clean.shape[0];

    /// <summary>
    /// What the network sees, c_in·x_t = (c_in·α_t)·x_0 + (c_in·σ_t)·ε, where c_in is 1 but for EDM's preconditioning; a new tensor [N,
    /// C, H, W].
    /// </summary>
    public Tensor Input => (Weights.InputOfClean * Clean).Plus(Weights.InputOfNoise * Noise);

    /// <summary>
    /// What a denoising network should put out: ε, x_0, v or what the recipe's prediction says; a new tensor [N, C, H, W].
    /// </summary>
    public Tensor Target => (Weights.TargetOfClean * Clean).Plus(Weights.TargetOfNoise * Noise);

    /// <summary>Some consecutive images; views.</summary>
    public NoisedBatch Part(long first, long length) =>
        new(Clean.narrow(0, first, length), Noise.narrow(0, first, length), Weights.Part(first, length), Labels?.narrow(0, first, length));
}
