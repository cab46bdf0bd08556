using Diffusion.Math.Schedules;
using Diffusion.Math.Training;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>The loss of a network that denoises.</summary>
/// <remarks>
/// L_simple = mean over all numbers of weight·(F(input, time) − target)², Ho et al. 2020, Eq. 14, for any prediction and weight; or
/// L_vlb, the bound's term in bits; or L_hybrid, both, where the bound's gradient stops at the mean: Nichol and Dhariwal 2021, Section 3.1.
/// </remarks>
/// <param name="recipe">Its objective says which.</param>
internal sealed class DenoisingLoss(Recipe recipe)
{
    private readonly ObjectiveWeights _weights = recipe.Objective.For((recipe.Schedule as NoiseSchedule.Discrete)?.Steps ?? 1);

    /// <summary>The share that some images have in the mean loss of their batch, a single number.</summary>
    /// <param name="part">The images, noised.</param>
    /// <param name="prediction">F(input, time): what the network made of them.</param>
    /// <param name="variance">What it made of the variance; null where it learns none.</param>
    /// <param name="whole">How many images the batch has.</param>
    public Tensor Of(NoisedBatch part, Tensor prediction, Tensor? variance, long whole)
    {
        var numbers = part.Clean.numel() / part.Count * whole;
        var error = prediction - part.Target;
        if (_weights.OfBound == 0)
            return SquaredError().Over(numbers);
        var nats = part.Weights.Bound.Nats(part.Weights.CleanOfOutput * MayTeachMean(), part.Clean, variance).sum();
        var bits = nats.Over(numbers * Log(2));
        return _weights.OfSquaredError == 0
            ? bits.Times(_weights.OfBound)
            : SquaredError().Times(_weights.OfSquaredError).Over(numbers).Plus(bits.Times(_weights.OfBound));

        Tensor SquaredError() => (part.Weights.Loss * error.Squared()).sum();
        Tensor MayTeachMean() => _weights.OfSquaredError == 0 ? error : error.detach();
    }
}
