using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Math.Sampling;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Prints what a sampler does, step by step, as text to be checked against its paper.</summary>
    /// <param name="Steps">What it does.</param>
    public sealed record Plan(SamplerPlan Steps) : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            session.Answer(PlanText.Print(Steps), new JsonObject
            {
                ["sampler"] = Steps.Name,
                ["steps"] = Steps.Steps.Count,
                ["networkCalls"] = Steps.NetworkCalls,
                ["plan"] = PlanText.Print(Steps),
            });
            return ExitCode.Success;
        }
    }
}
