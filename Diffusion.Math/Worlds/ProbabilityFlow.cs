using Diffusion.Math.Noise;
using Diffusion.Math.Plans;

namespace Diffusion.Math.Worlds;

/// <summary>The differential equation that deterministic samplers follow, solved by another method than any of theirs.</summary>
/// <remarks>Song et al. 2020, "Score-based generative modeling", Eq. 13, in the form of Karras et al. 2022, Eq. 1 and 3.</remarks>
public static class ProbabilityFlow
{
    /// <summary>
    /// dx/dσ = (x − x̂_0)/σ from one sigma down to another, for x = x_0 + σ·ε: Runge and Kutta's fourth order in log σ.
    /// </summary>
    /// <param name="denoiser">The exact denoiser of the data; it may be guided.</param>
    /// <param name="start">Points at the first sigma, one after the other.</param>
    /// <param name="from">The sigma they start at; above 0.</param>
    /// <param name="to">The sigma they are wanted at; above 0.</param>
    /// <param name="steps">In how many steps; at least 1.</param>
    public static double[] Solve(IDenoiser<double[]> denoiser, double[] start, double from, double to, int steps = 4000)
    {
        var space = new NumberSpace(1);
        var h = Log(to / from) / steps;
        // dx/d(log σ) = x − x̂_0.
        double[] Slope(double[] x, double logarithm) =>
            space.Combine([new(1, x), new(-1, denoiser.Denoise(x, new(0, Marginal.OfSigma(Exp(logarithm)))))]);
        var state = start;
        for (var step = 0; step < steps; step++)
        {
            var time = Log(from) + step * h;
            var k1 = Slope(state, time);
            var k2 = Slope(space.Combine([new(1, state), new(h / 2, k1)]), time + h / 2);
            var k3 = Slope(space.Combine([new(1, state), new(h / 2, k2)]), time + h / 2);
            var k4 = Slope(space.Combine([new(1, state), new(h, k3)]), time + h);
            state = space.Combine([new(1, state), new(h / 6, k1), new(h / 3, k2), new(h / 3, k3), new(h / 6, k4)]);
        }
        return state;
    }
}
