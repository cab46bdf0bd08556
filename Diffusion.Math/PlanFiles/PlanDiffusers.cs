using System.Text.Json.Nodes;
using Diffusion.Math.Plans;

namespace Diffusion.Math.PlanFiles;

/// <summary>The levels of a plan for a scheduler of diffusers: the weights are then those of that scheduler.</summary>
public static class PlanDiffusers
{
    /// <summary>
    /// <c>timesteps</c> and <c>sigmas</c>, each for a scheduler's <c>set_timesteps</c>: where each step sets out, from the noisiest on.
    /// </summary>
    /// <remarks>
    /// Sigmas are Sigma/Alpha, as of the schedulers that state them without the 0 at the end. Timesteps between two levels are rounded, as
    /// those schedulers take whole ones.
    /// </remarks>
    /// <exception cref="ArgumentException">A level has no signal, so that its sigma would be infinite.</exception>
    public static JsonObject ToJson(SamplerPlan plan)
    {
        if (plan.Steps.FirstOrDefault(step => step.From.Marginal.Alpha == 0) is { } infinite)
            throw new ArgumentException(FormattableString.Invariant(
                $"The level at time {infinite.From.Time} has no signal, and diffusers' sigma would be infinite."));
        return new()
        {
            ["timesteps"] = new JsonArray([.. plan.Steps.Select(step => (JsonNode)(long)Round(step.From.Time))]),
            ["sigmas"] = new JsonArray([.. plan.Steps.Select(step => (JsonNode)step.From.Marginal.NoiseToSignal)]),
        };
    }
}
