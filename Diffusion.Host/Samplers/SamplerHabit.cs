using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;

namespace Diffusion.Host.Samplers;

/// <summary>Which levels a sampler visits when nobody says.</summary>
public static class SamplerHabit
{
    private const int StepsWithoutLevels = 1000;

    /// <summary>A grid of so many steps, or of every level.</summary>
    /// <param name="sampler">The sampler.</param>
    /// <param name="schedule">What it samples over.</param>
    /// <param name="steps">How many steps, or null for every level; a schedule without levels then gets a thousand.</param>
    /// <remarks>
    /// Whole levels as in the samplers' papers: multiples of ⌊T/n⌋ for the reverse chains of Ho et al. and Song et al.; down from the
    /// last level for the solvers of differential equations. Heun's method, and continuous schedules, as Karras et al. visit them: its second
    /// evaluation goes astray where two levels are far apart in noise, as evenly spaced ones of a cosine schedule are at its noisy end.
    /// </remarks>
    public static TimestepSpacing Grid(Sampler sampler, NoiseSchedule schedule, int? steps) => (schedule, steps, sampler) switch
    {
        (not NoiseSchedule.Discrete, _, _) => new TimestepSpacing.Karras(steps ?? StepsWithoutLevels),
        (_, null, _) => new TimestepSpacing.All(),
        (_, { } count, Sampler.Heun or Sampler.Edm) => new TimestepSpacing.Karras(count),
        (_, { } count, Sampler.Ancestral or Sampler.Ddim) => new TimestepSpacing.Leading(count),
        (_, { } count, _) => new TimestepSpacing.Trailing(count),
    };
}
