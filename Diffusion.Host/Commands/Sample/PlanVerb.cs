using Diffusion.Host.CommandLine;
using Diffusion.Host.Samplers;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a plan is asked for.</summary>
internal sealed class PlanVerb : Verb
{
    private readonly SamplerWords _sampler = new(SamplerCatalogue.Find("ddim"));

    private readonly Cli.Option<NoiseSchedule> _schedule = Words.Option("--schedule", "NAME",
        $"how noise grows: {string.Join(", ", NoiseChoice.Schedules.Select(choice => choice.Word))}; linear without it",
        new OneOf<NoiseSchedule>([.. NoiseChoice.Schedules]));

    /// <summary>The command <c>plan</c>.</summary>
    public PlanVerb()
        : base("plan", "Prints what a sampler does, step by step, with every number.") =>
        Take([.. _sampler.All, _schedule]);

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("plan --sampler ddim --steps 10", "ten steps, to be checked against the paper"),
        new("plan --sampler ddpm --schedule cosine", "all thousand steps of DDPM"),
        new("plan --sampler dpm++2m --steps 20 --grid logsnr", "DPM-Solver++ at twenty levels"),
        new("plan --sampler edm --steps 18 --schedule edm", "Algorithm 2 of Karras et al. 2022"),
    ];

    /// <inheritdoc/>
    public override Sequence<HelpList> Lists => [SamplerWords.Samplers];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        foreach (var fault in _sampler.Faults(typed))
            yield return fault;
        if (Sentence.OfRefusal(() => Read(typed)) is { } misfit)
            yield return $"{Name}: {misfit}";
    }

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) =>
        new Command.Plan(_sampler.Plan(typed, typed.GetValue(_schedule) ?? new NoiseSchedule.Linear()));
}
