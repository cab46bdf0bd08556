using Diffusion.Math.Noise;

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

    /// <summary>How the output is read at a marginal with noise. The state may have any scale; the network sees it as it was trained.</summary>
    public abstract Readout ReadoutAt(Marginal marginal);

    /// <summary>The output that reads out as the clean data, as weights of clean data and noise.</summary>
    public TrainingTarget TargetAt(Marginal marginal)
    {
        var readout = ReadoutAt(marginal);
        return new((1 - readout.OfState * marginal.Alpha) / readout.OfOutput, -readout.OfState * marginal.Sigma / readout.OfOutput);
    }

    /// <summary>The network outputs ε. Ho et al. 2020, Eq. 11: x̂_0 = (x_t − sigma·ε) / alpha.</summary>
    public sealed record Noise : Prediction
    {
        /// <inheritdoc/>
        public override Readout ReadoutAt(Marginal marginal) =>
            new(1 / marginal.Alpha, -marginal.Sigma / marginal.Alpha, 1 / marginal.Scale);
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
}

/// <summary>What the network should output: OfClean·x_0 + OfNoise·ε.</summary>
/// <param name="OfClean">Weight of the clean data.</param>
/// <param name="OfNoise">Weight of the noise.</param>
public readonly record struct TrainingTarget(double OfClean, double OfNoise);
