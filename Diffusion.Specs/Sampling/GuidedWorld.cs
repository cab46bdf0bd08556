using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;
using Diffusion.Math.Sampling;

namespace Diffusion.Specs.Sampling;

/// <summary>The exact denoiser of a mixture, guided to one of its labels without a classifier.</summary>
public sealed record GuidedWorld(MixtureWorld World, int Label, Guidance Guidance) : IDenoiser<double[]>
{
    public double[] Denoise(double[] state, NoiseLevel level)
    {
        var weights = Guidance.WeightsAt(level);
        var (conditional, unconditional) = (World.Part(Label).Denoise(state, level), World.Denoise(state, level));
        return World.Space.Combine([new(weights.OfConditional, conditional), new(weights.OfUnconditional, unconditional)]);
    }
}
