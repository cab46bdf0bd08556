using Diffusion.Math.Plans;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;

namespace Diffusion.Host.Samplers;

/// <summary>A sampler and the levels it is to visit.</summary>
/// <param name="Sampler">The sampler.</param>
/// <param name="Grid">The levels.</param>
public sealed record SamplerChoice(Sampler Sampler, TimestepSpacing Grid)
{
    /// <summary>What it does over a schedule.</summary>
    /// <exception cref="ArgumentException">Sampler, grid and schedule do not fit together.</exception>
    public SamplerPlan Plan(NoiseSchedule schedule) => Sampler.Plan(schedule, Grid);
}
