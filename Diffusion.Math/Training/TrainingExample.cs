using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;

namespace Diffusion.Math.Training;

/// <summary>All scalars that turn one clean image and one noise into a term of the loss.</summary>
/// <remarks>
/// input = InputOfClean·x_0 + InputOfNoise·ε; target = Target.OfClean·x_0 + Target.OfNoise·ε; loss = Weight·‖F(input, Time) − target‖².
/// Ho et al. 2020, Algorithm 1, for any prediction.
/// </remarks>
/// <param name="Time">What the network is given.</param>
/// <param name="InputOfClean">Weight of the clean image in what the network sees.</param>
/// <param name="InputOfNoise">Weight of the noise in what the network sees.</param>
/// <param name="Target">What the network should output.</param>
/// <param name="Weight">Weight of the squared error.</param>
public readonly record struct TrainingExample(double Time, double InputOfClean, double InputOfNoise, TrainingTarget Target, double Weight)
{
    /// <summary>The example at one noise level.</summary>
    public static TrainingExample At(NoiseLevel level, Prediction prediction, LossWeight weight)
    {
        var scale = prediction.ReadoutAt(level.Marginal).InputScale;
        return new(
            prediction.TimeAt(level), scale * level.Marginal.Alpha, scale * level.Marginal.Sigma,
            prediction.TargetAt(level.Marginal), weight.At(level.Marginal, prediction));
    }
}
