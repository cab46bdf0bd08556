using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;

namespace Diffusion.Math.Worlds;

/// <summary>The exact denoiser of a mixture, guided to one of its labels without a classifier.</summary>
/// <param name="World">The mixture; the number of a part is its label.</param>
/// <param name="Label">The wanted label, from 0 on.</param>
/// <param name="Guidance">How strongly, and at which noise levels.</param>
public sealed record GuidedWorld(MixtureWorld World, int Label, Guidance Guidance) : IDenoiser<double[]>
{
    /// <inheritdoc/>
    public double[] Denoise(double[] state, NoiseLevel level)
    {
        var weights = Guidance.WeightsAt(level);
        var (conditional, unconditional) = (World.Part(Label).Denoise(state, level), World.Denoise(state, level));
        return World.Space.Combine([new(weights.OfConditional, conditional), new(weights.OfUnconditional, unconditional)]);
    }
}
