using Diffusion.Math.Noise;

namespace Diffusion.Model.Training;

/// <summary>A model that another one is distilled from: it says what noised images are to be denoised to.</summary>
public interface ITeacher : IDisposable
{
    /// <summary>The same noised images x_t with another clean image and another noise in them, which are then what is learned.</summary>
    /// <param name="batch">The images, noised.</param>
    /// <param name="levels">The noise level of each.</param>
    NoisedBatch Taught(NoisedBatch batch, ReadOnlySpan<NoiseLevel> levels);
}
