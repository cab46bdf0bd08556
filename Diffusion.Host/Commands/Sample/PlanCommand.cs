using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Editing;
using Diffusion.Math.Json;
using Diffusion.Math.Plans;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;

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

    /// <summary>The same over a noise schedule that a file holds.</summary>
    /// <param name="Schedule">The file.</param>
    /// <param name="Sampler">What is planned.</param>
    public sealed record PlanOver(ScheduleSource.File Schedule, ChangedSampler Sampler) : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var schedule = Schedule.Open().Schedule;
            return Sentence.OfRefusal(() => Sampler.Plan(schedule)) is { } refusal
                ? throw new RecipeException(Schedule.Path, refusal)
                : new Plan(Sampler.Plan(schedule)).Run(session);
        }
    }
}

/// <summary>A sampler with what a person wants changed.</summary>
/// <param name="Own">The sampler with its usual settings.</param>
/// <param name="Change">What is to differ.</param>
public sealed record ChangedSampler(Sampler Own, SamplerChange Change)
{
    /// <summary>What it does over a schedule.</summary>
    /// <exception cref="ArgumentException">Sampler, levels and schedule do not fit together.</exception>
    public SamplerPlan Plan(NoiseSchedule schedule) => Change.Of(SamplerChoice.Of(Own, schedule), schedule).Plan(schedule);
}
