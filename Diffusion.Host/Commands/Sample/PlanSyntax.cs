using Diffusion.Host.CommandLine;
using Diffusion.Host.Editing;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a plan is asked for.</summary>
internal sealed class PlanSyntax : CommandSyntax
{
    private readonly SamplerOptionGroup _sampler = new(SamplerCatalogue.Find("ddim"));

    private readonly Cli.Option<ScheduleSource> _schedule = Define.Option("--schedule", ScheduleWord.Placeholder,
        $"noise schedule: {ScheduleWord.Listed} (default: linear)", new ScheduleWord());

    /// <summary>The command <c>plan</c>.</summary>
    public PlanSyntax()
        : base("plan", "Prints the steps of a sampler with all coefficients.") =>
        Take([.. _sampler.All, _schedule]);

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("plan --sampler ddim --steps 10", "10 steps of DDIM"),
        new("plan --sampler ddpm --schedule cosine", "all 1000 steps of DDPM, cosine schedule"),
        new("plan --sampler dpm++2m --steps 20 --spacing logsnr", "DPM-Solver++(2M), uniform in log-SNR"),
        new("plan --sampler edm --steps 18 --schedule edm", "Algorithm 2 of Karras et al. 2022"),
        new("plan --steps 10 --schedule runs/try/recipe.json", "the schedule of a run"),
    ];

    /// <inheritdoc/>
    public override Sequence<HelpList> Lists => [SamplerOptionGroup.Samplers];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        foreach (var fault in _sampler.Faults(typed))
            yield return fault;
        // What does not fit the schedule of a file is seen when the file is read.
        if (Sentence.OfRefusal(() => Read(typed)) is { } refusal)
            yield return $"{Name}: {refusal}";
    }

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => typed.GetValue(_schedule) switch
    {
        ScheduleSource.File file => new Command.PlanOver(file, _sampler.Choice(typed)),
        ScheduleSource.Known known => new Command.Plan(_sampler.Choice(typed).Plan(known.Schedule)),
        _ => new Command.Plan(_sampler.Choice(typed).Plan(new NoiseSchedule.Linear())),
    };
}
