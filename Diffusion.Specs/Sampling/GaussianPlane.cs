using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Worlds;

namespace Diffusion.Specs.Sampling;

/// <summary>
/// Images of two numbers, jointly normal with mean 0, variance 1 and a correlation: the first is known, the second is made.
/// </summary>
/// <remarks>
/// Given the first number x, the second is N(Correlation·x, 1 − Correlation²): what a perfect inpainting would draw from.
/// </remarks>
public sealed record GaussianPlane(double Correlation, double Known)
    : IVectorSpace<Affine[]>, IDenoiser<Affine[]>, INoiseSource<Affine[]>, IOriginal<Affine[]>
    {
        public Affine Run(SamplerPlan plan) => new Interpreter<Affine[]>(this, this, this) { Original = this }.Run(plan)[1];

        // What is to be made is hidden: a number that must not matter.
        public Affine[] Image => [Affine.Combine(Known), Affine.Combine(1e3)];

        public Affine[] Restore(Affine[] known, Affine[] made) => [known[0], made[1]];

        public Affine[] Combine(ReadOnlySpan<Weighted<Affine[]>> terms) => [Component(terms, 0), Component(terms, 1)];

        public Affine[] Draw(int number) => [Affine.Draw(2 * number), Affine.Draw(2 * number + 1)];

        // E[x_0 | x] = alpha·C·(alpha²·C + sigma²·I)⁻¹·x with C = [[1, r], [r, 1]], in its eigenvectors (1, 1) and (1, −1).
        public Affine[] Denoise(Affine[] state, NoiseLevel level)
        {
            double Gain(double variance) =>
                level.Marginal.Alpha * variance / (
                    level.Marginal.Alpha * level.Marginal.Alpha * variance + level.Marginal.Sigma * level.Marginal.Sigma);
            var (sum, difference) = (Gain(1 + Correlation) / 2, Gain(1 - Correlation) / 2);
            return
            [
                Affine.Combine(0, new(sum + difference, state[0]), new(sum - difference, state[1])),
                Affine.Combine(0, new(sum - difference, state[0]), new(sum + difference, state[1])),
            ];
        }

        public Affine[] Clip(Affine[] vector, double bound) => throw new NotSupportedException("A clipped Gaussian is not Gaussian.");

        public Affine[] Threshold(Affine[] vector, Quantile quantile) =>
            throw new NotSupportedException("A clipped Gaussian is not Gaussian.");

        public Affine[] Weigh(ReadOnlySpan<Affine[]> vectors, SampleRule rule) =>
            throw new NotSupportedException("A Gaussian that is weighed by its own size is not Gaussian.");

        public Affine[] Modulate(Affine[] vector, Affine[] fraction, LogRange range) =>
            throw new NotSupportedException("Gaussian noise of a random variance is not Gaussian.");

        private static Affine Component(ReadOnlySpan<Weighted<Affine[]>> terms, int index)
        {
            var chosen = new Weighted<Affine>[terms.Length];
            for (var term = 0; term < terms.Length; term++)
                chosen[term] = new(terms[term].Weight, terms[term].Vector[index]);
            return Affine.Combine(0, chosen);
        }
    }
