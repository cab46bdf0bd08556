using System.Text;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Editing;
using Diffusion.Math.PlanFiles;
using Diffusion.Math.Plans;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using Diffusion.Model.Sampling;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Prints a sampler's plan, as text to be checked against its paper or as data, or writes it to a file.</summary>
    /// <param name="Steps">What the sampler does.</param>
    public sealed record Plan(SamplerPlan Steps) : Command
    {
        /// <summary>How it is written.</summary>
        public PlanForm Form { get; init; }

        /// <summary>The file; null to print it.</summary>
        public string? Out { get; init; }

        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var json = PlanDocument.Of(Steps).ToJson();
            if (Out is null)
            {
                if (Form == PlanForm.Text)
                    session.Answer($"{PlanText.Print(Steps)}\nplan {PlanHash.Of(Steps)}", json);
                else
                    session.AnswerAsIs(Written, json);
                return ExitCode.Success;
            }
            var text = Written;
            OutputException.Guard(Out, () => AtomicFile.Write(Out, stream => stream.Write(Encoding.UTF8.GetBytes(text))));
            session.Answer($"{Out}: {Steps.Name}, {Counted.Of(Steps.NetworkCalls, "network call")}; plan {PlanHash.Of(Steps)}", new()
            {
                ["file"] = Out,
                ["name"] = Steps.Name,
                ["nfe"] = Steps.NetworkCalls,
                ["hash"] = PlanHash.Of(Steps),
            });
            return ExitCode.Success;
        }

        private string Written
        {
            get
            {
                var text = "";
                return Sentence.OfRefusal(() => text = Of(Form)) is { } refusal
                    ? throw new InputException("plan", refusal, "a plan that can be written in this form") : text;
            }
        }

        private string Of(PlanForm form) => form switch
        {
            PlanForm.Python => PlanPython.Print(Steps),
            PlanForm.Diffusers => $"{PlanDiffusers.ToJson(Steps).ToJsonString(PlanPlace.Indented)}\n",
            _ => PlanPlace.TextOf(PlanDocument.Of(Steps)),
        };
    }

    /// <summary>The same over a noise schedule that a file holds.</summary>
    /// <param name="Schedule">The file.</param>
    /// <param name="Sampler">What is planned.</param>
    public sealed record PlanOver(ScheduleSource.File Schedule, ChangedSampler Sampler) : Command
    {
        /// <summary>How it is written.</summary>
        public PlanForm Form { get; init; }

        /// <summary>The file; null to print it.</summary>
        public string? Out { get; init; }

        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var schedule = Schedule.Open().Schedule;
            return Sentence.OfRefusal(() => Sampler.Plan(schedule)) is { } refusal
                ? throw new RecipeException(Schedule.Path, refusal)
                : new Plan(Sampler.Plan(schedule)) { Form = Form, Out = Out }.Run(session);
        }
    }

    /// <summary>The same of a plan that a file holds.</summary>
    /// <param name="Path">The file.</param>
    /// <param name="Schedule">What it must fit; null for any.</param>
    public sealed record PlanIn(string Path, ScheduleSource? Schedule) : Command
    {
        /// <summary>How it is written.</summary>
        public PlanForm Form { get; init; }

        /// <summary>The file; null to print it.</summary>
        public string? Out { get; init; }

        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var plan = PlanPlace.Read(Path).Plan;
            return Schedule?.Open() is { } known && PlanFit.MismatchOf(plan, known.Schedule) is { } mismatch
                ? throw new InputException(Path, $"a plan of another schedule: {mismatch}", $"a plan of the schedule {known.Word}")
                : new Plan(plan) { Form = Form, Out = Out }.Run(session);
        }
    }
}

/// <summary>How a plan is written.</summary>
public enum PlanForm
{
    /// <summary>Text for a person; JSON in a file.</summary>
    Text,

    /// <summary>All fields as JSON.</summary>
    Json,

    /// <summary>Timesteps and sigmas for a scheduler of diffusers.</summary>
    Diffusers,

    /// <summary>A script.</summary>
    Python,
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
