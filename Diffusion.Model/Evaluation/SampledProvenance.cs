using Diffusion.Math.Plans;
using Diffusion.Model.Recipes;
using Diffusion.Model.Sampling;

namespace Diffusion.Model.Evaluation;

/// <summary>What numbers measured on samples depend on.</summary>
public static class SampledProvenance
{
    /// <summary>How a sampler draws, as a row of numbers says it.</summary>
    public static DrawnSamples Drawn(this ModelSampler sampler) => new(
        EmaText.Of(sampler.Model.Recipe.Ema[0]), PlanHash.Of(sampler.Run.Plan), sampler.Run.Plan.NetworkCalls, sampler.GuidanceText)
    {
        From = new(sampler.Model.Recipe.Name, sampler.Model.Updates, sampler.Sampler, sampler.Seed),
    };
}
