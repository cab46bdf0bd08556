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

    private readonly Cli.Option<PlanForm> _to = Define.Option("--to", "FORM",
        "print or write it as json, as timesteps and sigmas for a scheduler of diffusers, or as a python script that needs NumPy alone "
        + "(default: text for reading; json with -o)",
        new OneOf<PlanForm>(("json", PlanForm.Json), ("diffusers", PlanForm.Diffusers), ("python", PlanForm.Python)));

    private readonly OutputOption _out = new OutputOption("--out", "file to write, which --plan reads", ".json", ".py").Also("-o");

    /// <summary>The command <c>plan</c>.</summary>
    public PlanSyntax()
        : base("plan", "Prints the steps of a sampler with all coefficients.") =>
        Take([.. _sampler.All, _schedule, _to, _out]);

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("plan --sampler ddim --steps 10", "10 steps of DDIM"),
        new("plan --sampler ddpm --schedule cosine", "all 1000 steps of DDPM, cosine schedule"),
        new("plan --sampler dpm++2m --steps 20 --spacing logsnr", "DPM-Solver++(2M), uniform in log-SNR"),
        new("plan --sampler edm --steps 18 --schedule edm", "Algorithm 2 of Karras et al. 2022"),
        new("plan --steps 10 --schedule runs/try/recipe.json", "the schedule of a run"),
        new("plan --sampler unipc --steps 8 -o mine.json", "a file for --plan, wherever a sampler can be chosen"),
        new("plan --plan mine.json --to python -o mine.py", "the same steps as a script for NumPy"),
    ];

    /// <inheritdoc/>
    public override Sequence<HelpList> Lists => [SamplerOptionGroup.Samplers];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "A plan in a file is checked before it runs: no slot is read before it is written, every number is finite, the hash is that of the "
        + "steps, and the network is asked at times and noise levels of its own schedule. --to diffusers writes the levels alone: "
        + "the weights are then those of the scheduler that takes them.",
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        foreach (var fault in _sampler.Faults(typed))
            yield return fault;
        var isScript = typed.GetValue(_to) == PlanForm.Python;
        if (typed.GetValue(_out) is { } path && path.EndsWith(".py", StringComparison.OrdinalIgnoreCase) != isScript)
            yield return $"{_out.Name}: {path} does not end in {(isScript ? ".py" : ".json")}";
        // What does not fit the schedule of a file is seen when the file is read.
        if (Sentence.OfRefusal(() => Read(typed)) is { } refusal)
            yield return $"{Name}: {refusal}";
    }

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed)
    {
        var (form, path) = (typed.GetValue(_to), typed.GetValue(_out));
        if (_sampler.Plan(typed) is { } plan)
            return new Command.PlanIn(plan, typed.GetValue(_schedule)) { Form = form, Out = path };
        return typed.GetValue(_schedule) is ScheduleSource.File file
            ? new Command.PlanOver(file, _sampler.Choice(typed)) { Form = form, Out = path }
            : new Command.Plan(_sampler.Choice(typed).Plan(ScheduleOf(typed))) { Form = form, Out = path };
    }

    private NoiseSchedule ScheduleOf(Cli.ParseResult typed) =>
        (typed.GetValue(_schedule) as ScheduleSource.Known)?.Schedule ?? new NoiseSchedule.Linear();
}
