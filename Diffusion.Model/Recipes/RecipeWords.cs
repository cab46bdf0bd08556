using Diffusion.Math.Json;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;

namespace Diffusion.Model.Recipes;

/// <summary>The words of the command line, which recipes understand too.</summary>
public static class RecipeWords
{
    /// <summary>Samplers, schedules and what becomes of estimates out of range, each with its usual settings.</summary>
    public static UnionWords All { get; } = UnionWords.None
        .With<Sampler>(SamplerCatalogue.Entries.Select(entry => (entry.Name, entry.Sampler)))
        .With<NoiseSchedule>(NoiseChoice.Schedules)
        .With<Clipping>(NoiseChoice.Clippings);
}
