using Diffusion.Host.CommandLine;
using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;
using Diffusion.Math.Sampling;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a plan is asked for.</summary>
internal sealed class PlanVerb : Verb
{
    private readonly Cli.Option<Func<double, Sampler>> _sampler = Words.Option("--sampler", "ancestral|ddim",
        "the way from noise to pictures; ddim without it",
        new OneOf<Func<double, Sampler>>(
            ("ancestral", _ => new Sampler.Ancestral(new Variance.Large(), new Limit.Clip())),
            ("ddim", eta => new Sampler.Ddim(eta, new Limit.Clip(), NoiseDirection.Predicted))));

    private readonly Cli.Option<int?> _steps = Words.Option("--steps", "N",
        "how many steps; every level of the schedule without it", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<double?> _eta = Words.Option("--eta", "ETA",
        "how random ddim is, from 0 (the default) to 1", new RealNumber(0, 1));

    private readonly Cli.Option<NoiseSchedule.Discrete> _schedule = Words.Option("--schedule", "linear|cosine",
        "how noise grows over a thousand levels; linear without it",
        new OneOf<NoiseSchedule.Discrete>(("linear", new NoiseSchedule.Linear()), ("cosine", new NoiseSchedule.Cosine())));

    private readonly Cli.Option<Func<int, TimeGrid>> _grid = Words.Option("--grid", "NAME",
        "which levels are visited: leading (the default), trailing, linspace, karras or logsnr",
        new OneOf<Func<int, TimeGrid>>(
            ("leading", steps => new TimeGrid.Leading(steps)),
            ("trailing", steps => new TimeGrid.Trailing(steps)),
            ("linspace", steps => new TimeGrid.Linspace(steps)),
            ("karras", steps => new TimeGrid.Karras(steps)),
            ("logsnr", steps => new TimeGrid.LogSnr(steps))));

    /// <summary>The command <c>plan</c>.</summary>
    public PlanVerb()
        : base("plan", "Prints what a sampler does, step by step, with every number.") =>
        Take(_sampler, _steps, _eta, _schedule, _grid);

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("plan --sampler ddim --steps 10", "ten steps, to be checked against the paper"),
        new("plan --sampler ancestral --schedule cosine", "all thousand steps of DDPM"),
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        string? fault = null;
        try
        {
            PlanOf(typed);
        }
        catch (ArgumentException misfit)
        {
            fault = misfit.Message.Split(" (Parameter")[0].TrimEnd('.');
        }
        if (fault is not null)
            yield return $"{_steps.Name}: {fault}";
    }

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => new Command.Plan(PlanOf(typed));

    private SamplerPlan PlanOf(Cli.ParseResult typed)
    {
        var schedule = typed.GetValue(_schedule) ?? new NoiseSchedule.Linear();
        var sampler = typed.GetValue(_sampler) ?? (eta => new Sampler.Ddim(eta, new Limit.Clip(), NoiseDirection.Predicted));
        TimeGrid grid = typed.GetValue(_steps) is { } steps
            ? (typed.GetValue(_grid) ?? (count => new TimeGrid.Leading(count)))(steps)
            : new TimeGrid.All();
        return sampler(typed.GetValue(_eta) ?? 0).Plan(schedule, grid);
    }
}
