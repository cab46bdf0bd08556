using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;

namespace Diffusion.Math.Worlds;

/// <summary>The exact denoiser of a mixture, guided to one of its labels without a classifier.</summary>
/// <param name="world">The mixture with its labels.</param>
/// <param name="label">The wanted label.</param>
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

    /// <summary>The score that guidance makes of those under its conditions: the gradient of <see cref="LogDensity"/>.</summary>
    /// <exception cref="NotSupportedException">Guidance adjusts its direction or size, and is no sum of scores.</exception>
    public double[] Score(double[] state, NoiseLevel level) => Sum(level, asked => asked.Score(state, level));

    /// <summary>
    /// log of p(x | label)^(1+w)·p(x)^(−w) of each point, up to a constant. Ho and Salimans 2021, Section 3.2.
    /// </summary>
    /// <remarks>
    /// It says where guidance draws states of this level to. Samples are not distributed by it in the end: the guided densities of several
    /// levels are not those of one process that adds noise.
    /// </remarks>
    /// <exception cref="NotSupportedException">Guidance adjusts its direction or size, and is no sum of scores.</exception>
    public double[] LogDensity(double[] state, NoiseLevel level) => Sum(level, asked => asked.LogDensity(state, level));

    private double[] Sum(NoiseLevel level, Func<MixtureWorld, double[]> ask) =>
        guidance.WeightsAt(level) is { IsProjected: false, IsRescaled: false } weights
            ? world.Space.Combine([.. weights.Terms.Select(term => new Weighted<double[]>(term.Weight, ask(Asked(term.Condition))))])
            : throw new NotSupportedException($"The score under {guidance} is no sum of scores.");

    private MixtureWorld Asked(Condition condition) => condition switch
    {
        Condition.Labelled => world.Part(label),
        Condition.Other other => world.Part(other.Label),
        Condition.Weaker => Weaker?.Part(label)
            ?? throw new InvalidOperationException("Guidance asks for a weaker model, and none was given."),
        _ => world,
    };
}
