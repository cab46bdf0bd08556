using Diffusion.Math.Likelihood;
using Diffusion.Math.Predictions;
using Diffusion.Math.Schedules;

namespace Diffusion.Specs.Reference;

/// <summary>The model of losses.json, number by number: exact for normal data, in any of guided-diffusion's parameterisations.</summary>
public sealed record PeerModel(string Mean, string VarianceName, NoiseSchedule.Discrete Schedule, double DataMean, double DataSigma)
{
    private VariationalBound Bound { get; } = new(Schedule, PeerVariance.Of(VarianceName), new PixelLikelihood.TanhApproximation());

    /// <summary>What the network outputs for the mean.</summary>
    public double OutputAt(int time, double state)
    {
        var (alpha, sigma) = Schedule.At(time) is var marginal ? (marginal.Alpha, marginal.Sigma) : default;
        var residual = (state - alpha * DataMean) / (alpha * alpha * DataSigma * DataSigma + sigma * sigma);
        var expected = DataMean + alpha * DataSigma * DataSigma * residual;
        return Mean switch
        {
            "EPSILON" => sigma * residual,
            "START_X" => expected,
            "PREVIOUS_X" => 0.9 * state + 0.1 * expected,
            _ => throw new NotSupportedException($"mean type '{Mean}'"),
        };
    }

    /// <summary>What the network outputs for the variance, in the units of its range.</summary>
    public double VarianceOutputAt(double state) => VarianceName switch
    {
        "LEARNED_RANGE" => 0.5 * Cos(state),
        "LEARNED" => -4 + 0.5 * Cos(state),
        _ => -1,
    };

    /// <summary>What the output is trained towards.</summary>
    public double TargetAt(int time, double state, double clean, double noise) => Mean switch
    {
        "EPSILON" => noise,
        "START_X" => clean,
        "PREVIOUS_X" => Bound.Posterior(time, state, clean).Mean,
        _ => throw new NotSupportedException($"mean type '{Mean}'"),
    };

    /// <summary>x̂_0.</summary>
    public double DenoisedAt(int time, double state, bool clipped)
    {
        var output = OutputAt(time, state);
        var denoised = Mean switch
        {
            "EPSILON" => Read(new Prediction.Noise().ReadoutAt(Schedule.At(time)), state, output),
            "START_X" => output,
            "PREVIOUS_X" =>
                OutputWeights.CleanOfMean(Schedule.PosteriorAt(time)) is var weights
                    ? weights.OfState * state + weights.OfOutput * output : default,
            _ => throw new NotSupportedException($"mean type '{Mean}'"),
        };
        return clipped ? Clamp(denoised, -1, 1) : denoised;
    }

    /// <summary>The bound's term in nats.</summary>
    public double TermAt(int time, double state, double clean, bool clipped)
    {
        var reverse = Bound.Reverse(time, state, DenoisedAt(time, state, clipped), VarianceOutputAt(state));
        // A network that predicts x_{t−1} gives the mean itself, and clipping does not reach it.
        return Bound.Term(time, state, clean, Mean == "PREVIOUS_X" ? reverse with { Mean = OutputAt(time, state) } : reverse);
    }

    private static double Read(Readout readout, double state, double output) => readout.OfState * state + readout.OfOutput * output;
}
