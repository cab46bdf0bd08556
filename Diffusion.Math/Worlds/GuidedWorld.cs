using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;

namespace Diffusion.Math.Worlds;

/// <summary>The exact denoiser of a mixture, guided to one of its labels without a classifier.</summary>
/// <param name="world">The mixture; the number of a part is its label.</param>
/// <param name="label">The wanted label, from 0 on.</param>
/// <param name="guidance">How strongly, at which noise levels, and what is adjusted.</param>
public sealed class GuidedWorld(MixtureWorld world, int label, Guidance guidance) : IDenoiser<double[]>
{
    private double[]? _direction;

    /// <summary>A mixture of as many parts that stands for a weaker model; null where guidance asks for none.</summary>
    public MixtureWorld? Weaker { get; init; }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Guidance asks for a weaker model, and there is none.</exception>
    public double[] Denoise(double[] state, NoiseLevel level)
    {
        var weights = guidance.WeightsAt(level);
        var answers = weights.Asked.ToDictionary(condition => condition, condition => Asked(condition).Denoise(state, level));
        // Its output is the clean data itself.
        var answer = GuidedAnswer<double[]>.Of(world.Space, weights, answers, new(state, new(0, 1, 1)), _direction);
        _direction = answer.Direction ?? _direction;
        return answer.Output;
    }

    private MixtureWorld Asked(Condition condition) => condition switch
    {
        Condition.Labelled => world.Part(label),
        Condition.Other other => world.Part(other.Label),
        Condition.Weaker => Weaker?.Part(label)
            ?? throw new InvalidOperationException("Guidance asks for a weaker model, and none was given."),
        _ => world,
    };
}
