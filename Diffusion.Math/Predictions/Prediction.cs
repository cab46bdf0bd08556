using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Predictions;

/// <summary>What a network is trained to output. A closed union; everything follows from one readout.</summary>
/// <remarks>
/// The training target is not written down per case: it is the output whose readout is the clean data,
/// F = (x_0 − OfState·x_t) / OfOutput with x_t = alpha·x_0 + sigma·ε.
/// </remarks>
public abstract record Prediction
{
    private Prediction()
    {
    }

    /// <summary>
    /// How the output is read at a marginal with noise. The state may have any scale; the network sees it as it was trained.
    /// </summary>
    /// <exception cref="ArgumentException">The marginal has no signal, and the output says nothing about the clean data there.</exception>
    public abstract Readout ReadoutAt(Marginal marginal);

    /// <summary>The network's input for the time.</summary>
    public virtual double TimeAt(NoiseLevel level) => level.Time;

    /// <summary>The output that reads out as the clean data, as weights of clean data and noise.</summary>
    /// <exception cref="ArgumentException">The marginal has no signal, and the output says nothing about the clean data there.</exception>
    public TrainingTarget TargetAt(Marginal marginal)
    {
        var readout = ReadoutAt(marginal);
        return new((1 - readout.OfState * marginal.Alpha) / readout.OfOutput, -readout.OfState * marginal.Sigma / readout.OfOutput);
    }

    /// <summary>This prediction's output as another's: the one with the same x̂_0.</summary>
    /// <exception cref="ArgumentException">One of the two says nothing about the clean data at this marginal.</exception>
    public OutputWeights ConvertAt(Marginal marginal, Prediction other)
    {
        var (own, its) = (ReadoutAt(marginal), other.ReadoutAt(marginal));
        return new((own.OfState - its.OfState) / its.OfOutput, own.OfOutput / its.OfOutput);
    }

    /// <summary>The score ∇ log p(x_t) = (alpha·x̂_0 − x_t)/sigma². Song et al. 2020; Tweedie's formula, Efron 2011.</summary>
    /// <exception cref="ArgumentException">The output says nothing about the clean data at this marginal.</exception>
    public OutputWeights ScoreAt(Marginal marginal)
    {
        var (readout, variance) = (ReadoutAt(marginal), marginal.Sigma * marginal.Sigma);
        return new((marginal.Alpha * readout.OfState - 1) / variance, marginal.Alpha * readout.OfOutput / variance);
    }

    /// <summary>The network outputs ε. Ho et al. 2020, Eq. 15: x̂_0 = (x_t − sigma·ε) / alpha.</summary>
    public sealed record Noise : Prediction
    {
        /// <inheritdoc/>
        public override Readout ReadoutAt(Marginal marginal) =>
            marginal.Alpha > 0
                ? new(1 / marginal.Alpha, -marginal.Sigma / marginal.Alpha, 1 / marginal.Scale)
                : throw new ArgumentException(
                    $"At {marginal} the noise says nothing about the data; predict clean data or velocity.", nameof(marginal));
    }

    /// <summary>The network outputs x̂_0 itself.</summary>
    public sealed record Clean : Prediction
    {
        /// <inheritdoc/>
        public override Readout ReadoutAt(Marginal marginal) => new(0, 1, 1 / marginal.Scale);
    }

    /// <summary>The network outputs v = alpha·ε − sigma·x_0. Salimans and Ho 2022, "Progressive distillation", Appendix D.</summary>
    public sealed record Velocity : Prediction
    {
        /// <inheritdoc/>
        public override Readout ReadoutAt(Marginal marginal)
        {
            var seen = marginal.VariancePreserving;
            return new(seen.Alpha / marginal.Scale, -seen.Sigma, 1 / marginal.Scale);
        }
    }

    /// <summary>
    /// The network outputs −ε, the score times sigma, and sees the state with its noise at full size: x̂_0 = x + σ·F with x = x_0 + σ·ε and
    /// σ = Sigma/Alpha. Song et al. 2021, "Score-based generative modeling", appendix C (VE); Karras et al. 2022, Table 1.
    /// </summary>
    public sealed record Score : Prediction
    {
        /// <inheritdoc/>
        public override Readout ReadoutAt(Marginal marginal) =>
            marginal.Alpha > 0
                ? new(1 / marginal.Alpha, marginal.Sigma / marginal.Alpha, 1 / marginal.Alpha)
                : throw new ArgumentException(
                    $"At {marginal} the score says nothing about the data; predict clean data or velocity.", nameof(marginal));

        /// <inheritdoc/>
        /// <remarks>c_noise = ln(½σ). Karras et al. 2022, Table 1.</remarks>
        public override double TimeAt(NoiseLevel level) => Log(level.Marginal.NoiseToSignal / 2);
    }

    /// <summary>
    /// The network outputs ε − x_0, the direction of the straight line from data to noise. Liu et al. 2022, "Flow straight and fast",
    /// Eq. 1; Lipman et al. 2022, "Flow matching for generative modeling".
    /// </summary>
    /// <remarks>
    /// It sees z = x_t/(alpha + sigma) = (1 − s)·x_0 + s·ε with s = sigma/(alpha + sigma), which is the state of a rectified flow, whatever
    /// the schedule: x̂_0 = z − s·F. It is given 1000·s, as Esser et al. 2024, "Scaling rectified flow transformers", tell theirs.
    /// </remarks>
    public sealed record Flow : Prediction
    {
        private const double TimeScale = 1000;

        /// <inheritdoc/>
        public override Readout ReadoutAt(Marginal marginal)
        {
            var total = marginal.Alpha + marginal.Sigma;
            return new(1 / total, -marginal.Sigma / total, 1 / total);
        }

        /// <inheritdoc/>
        public override double TimeAt(NoiseLevel level) => TimeScale * level.Marginal.Sigma / (level.Marginal.Alpha + level.Marginal.Sigma);
    }

    /// <summary>
    /// The network's input and target have variance 1 at every noise level. Karras et al. 2022, Table 1 and Eq. 7: c_skip, c_out, c_in,
    /// c_noise.
    /// </summary>
    /// <remarks>Written for x = x_0 + σ·ε with σ = Sigma/Alpha; a state of another scale is divided by Alpha first.</remarks>
    /// <param name="DataSigma">σ_data, the standard deviation of the data; above 0.</param>
    public sealed record Preconditioned(double DataSigma = 0.5) : Prediction
    {
        /// <summary>σ_data, the standard deviation of the data; above 0.</summary>
        public double DataSigma { get; init => field = Require.Positive(value, nameof(DataSigma)); } = Require.Positive(DataSigma);

        /// <inheritdoc/>
        public override Readout ReadoutAt(Marginal marginal)
        {
            // With A = Alpha·σ_data and B = Sigma every c is a ratio that stays finite at zero signal.
            var signal = marginal.Alpha * DataSigma;
            var total = Sqrt(signal * signal + marginal.Sigma * marginal.Sigma);
            return new(signal * DataSigma / (total * total), marginal.Sigma * DataSigma / total, 1 / total);
        }

        /// <inheritdoc/>
        /// <remarks>c_noise = ¼·ln σ. Karras et al. 2022, Table 1.</remarks>
        public override double TimeAt(NoiseLevel level) => Log(level.Marginal.NoiseToSignal) / 4;
    }
}

/// <summary>What the network should output: OfClean·x_0 + OfNoise·ε.</summary>
/// <param name="OfClean">Weight of the clean data.</param>
/// <param name="OfNoise">Weight of the noise.</param>
public readonly record struct TrainingTarget(double OfClean, double OfNoise);

/// <summary>Something that follows from a state and the network's output: OfState·x_t + OfOutput·F.</summary>
/// <param name="OfState">Weight of the noisy state.</param>
/// <param name="OfOutput">Weight of the network's output.</param>
public readonly record struct OutputWeights(double OfState, double OfOutput)
{
    /// <summary>
    /// The clean data whose posterior mean at a state is the network's output, the inverse of the mean: OfState·x_t + OfOutput·mean.
    /// </summary>
    /// <remarks>How a network that predicts x_{t−1} is read: Ho et al. 2020, Section 3.2, the μ̃ parameterisation.</remarks>
    public static OutputWeights CleanOfMean(Posterior posterior) => new(-posterior.OfState / posterior.OfClean, 1 / posterior.OfClean);
}
