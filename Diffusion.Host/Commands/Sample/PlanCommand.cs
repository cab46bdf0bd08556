using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Math.Json;
using Diffusion.Math.Plans;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Prints a sampler's plan, as text to be checked against its paper or as data.</summary>
    /// <param name="Steps">What the sampler does.</param>
    public sealed record Plan(SamplerPlan Steps) : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            session.Answer($"{PlanText.Print(Steps)}\nplan {PlanHash.Of(Steps)}", JsonNode.Parse(UnionJson.Write(Steps))!.AsObject());
            return ExitCode.Success;
        }
    }
}
