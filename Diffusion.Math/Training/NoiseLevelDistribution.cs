using Diffusion.Math.Noise;
using Diffusion.Math.Numerics;
using Diffusion.Math.Schedules;
using Diffusion.Math.Values;

namespace Diffusion.Math.Training;

/// <summary>How the noise levels of a training batch are drawn. A closed union; a pure function of uniform numbers.</summary>
public abstract record NoiseLevelDistribution
{
    private NoiseLevelDistribution()
    {
    }

    /// <summary>One level per uniform number in [0, 1).</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside [0, 1).</exception>
    public virtual NoiseLevel[] Draw(ReadOnlySpan<double> uniforms, NoiseSchedule schedule)
    {
        var levels = new NoiseLevel[uniforms.Length];
        for (var index = 0; index < levels.Length; index++)
            levels[index] = LevelOf(Require.Within(uniforms[index], 0, BitDecrement(1.0), nameof(uniforms)), schedule);
        return levels;
    }

    private protected abstract NoiseLevel LevelOf(double uniform, NoiseSchedule schedule);

    /// <summary>
    /// t uniform on 0, …, T − 1, or over the whole time of a continuous schedule. Ho et al. 2020, Algorithm 1; Song et al. 2020, Eq. 7.
    /// </summary>
    public sealed record UniformTime : NoiseLevelDistribution
    {
        private protected override NoiseLevel LevelOf(double uniform, NoiseSchedule schedule) =>
            schedule.LevelAt(schedule is NoiseSchedule.Discrete discrete
                ? Floor(uniform * discrete.Steps)
                : schedule.FirstTime + uniform * (schedule.LastTime - schedule.FirstTime));
    }

    /// <summary>ln(Sigma/Alpha) normally distributed. Karras et al. 2022, Table 1: mean −1.2, standard deviation 1.2.</summary>
    /// <remarks>
    /// Over a rectified flow, t = sigmoid(ln(Sigma/Alpha)): this is the logit-normal law of Esser et al. 2024, "Scaling rectified flow
    /// transformers", Eq. 19, whose best mean and deviation are 0 and 1.
    /// </remarks>
    /// <param name="Mean">P_mean; finite.</param>
    /// <param name="Deviation">P_std; above 0.</param>
    public sealed record LogNormalSigma(double Mean = -1.2, double Deviation = 1.2) : NoiseLevelDistribution
    {
        // Half of the smallest step between uniform numbers: 0 itself has no quantile.
        private const double Least = 1.0 / (1L << 54);

        /// <summary>P_mean; finite.</summary>
        public double Mean { get; init => field = Require.Finite(value, nameof(Mean)); } = Require.Finite(Mean);

        /// <summary>P_std; above 0.</summary>
        public double Deviation { get; init => field = Require.Positive(value, nameof(Deviation)); } = Require.Positive(Deviation);

        private protected override NoiseLevel LevelOf(double uniform, NoiseSchedule schedule) =>
            schedule.LevelOf(Exp(Mean + Deviation * StandardNormal.Quantile(Max(uniform, Least))));
    }

    /// <summary>
    /// The log-SNR evenly distributed, over which losses of all schedules are the same. Kingma et al. 2021, "Variational diffusion models",
    /// Section 5.1.
    /// </summary>
    /// <param name="Low">λ of the noisiest level; finite.</param>
    /// <param name="High">λ of the least noisy level; finite and above Low.</param>
    public sealed record UniformLogSnr(double Low = -10, double High = 10) : NoiseLevelDistribution
    {
        /// <summary>λ of the noisiest level; finite.</summary>
        public double Low { get; init => field = Require.Between(value, double.NegativeInfinity, High, nameof(Low)); } =
            Require.Between(Low, double.NegativeInfinity, High);

        /// <summary>λ of the least noisy level; finite and above Low.</summary>
        public double High { get; init => field = Require.Between(value, Low, double.PositiveInfinity, nameof(High)); } =
            Require.Between(High, Low, double.PositiveInfinity);

        private protected override NoiseLevel LevelOf(double uniform, NoiseSchedule schedule) =>
            schedule.LevelOf(Exp(-(High + uniform * (Low - High)) / 2));
    }

    /// <summary>
    /// The levels of a batch spread evenly by one random shift: (u + i/n) mod 1. Kingma et al. 2021, "Variational diffusion models",
    /// Appendix I.1.
    /// </summary>
    /// <remarks>Each level alone is distributed as the inner ones; the batch together varies less, and so does the loss.</remarks>
    /// <param name="Inner">How a uniform number becomes a level.</param>
    public sealed record LowDiscrepancy(NoiseLevelDistribution Inner) : NoiseLevelDistribution
    {
        /// <inheritdoc/>
        public override NoiseLevel[] Draw(ReadOnlySpan<double> uniforms, NoiseSchedule schedule)
        {
            var spread = new double[uniforms.Length];
            for (var index = 0; index < spread.Length; index++)
            {
                var shifted = uniforms[0] + (double)index / spread.Length;
                spread[index] = shifted - Floor(shifted);
            }
            return Inner.Draw(spread, schedule);
        }

        private protected override NoiseLevel LevelOf(double uniform, NoiseSchedule schedule) => Inner.LevelOf(uniform, schedule);
    }
}
