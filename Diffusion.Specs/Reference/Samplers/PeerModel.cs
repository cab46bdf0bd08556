using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;

namespace Diffusion.Specs.Reference.Samplers;

/// <summary>
/// The exact model of data that is N(mean, std²) in every pixel, asked like a network: it sees the scaled state, answers with the quantity
/// it predicts, and is read out. Remembers what it was asked.
/// </summary>
public sealed class PeerModel(double mean, double std, Prediction prediction) : ILearnedVariance<double[]>
{
    private readonly List<NoiseLevel> _asked = [];

    public IReadOnlyList<NoiseLevel> Asked => _asked;

    /// <summary>The last answer, as an estimate of the clean data.</summary>
    public double[] Latest { get; private set; } = [];

    public double[] Denoise(double[] state, NoiseLevel level)
    {
        _asked.Add(level);
        var readout = prediction.ReadoutAt(level.Marginal);
        return Latest = [.. state.Select(x => readout.OfState * x + readout.OfOutput * Output(readout.InputScale * x, level.Marginal))];
    }

    /// <summary>The peers' second half of the output is v = ½·cos of the input; as a fraction it is (v + 1)/2.</summary>
    public Denoised<double[]> DenoiseWithVariance(double[] state, NoiseLevel level)
    {
        var scale = prediction.ReadoutAt(level.Marginal).InputScale;
        return new(Denoise(state, level), [.. state.Select(x => (0.5 * Cos(scale * x) + 1) / 2)]);
    }

    private double Output(double input, Marginal marginal)
    {
        var (alpha, sigma) = marginal.VariancePreserving;
        var residual = (input - alpha * mean) / (alpha * alpha * std * std + sigma * sigma);
        var (noise, clean) = (sigma * residual, mean + alpha * std * std * residual);
        return prediction switch
        {
            Prediction.Noise => noise,
            Prediction.Clean => clean,
            Prediction.Velocity => alpha * noise - sigma * clean,
            _ => throw new NotSupportedException($"{prediction}"),
        };
    }
}
