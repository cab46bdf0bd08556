using Diffusion.Host.CommandLine;
using Diffusion.Math.Plans;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Cli = System.CommandLine;

namespace Diffusion.Host.Samplers;

/// <summary>The options that choose a sampler and the levels it visits.</summary>
internal sealed class SamplerWords
{
    private static readonly SamplerEntry Usual = SamplerCatalogue.Find("ddim")!;

    private readonly Cli.Option<SamplerEntry> _sampler = Words.Option("--sampler", "NAME",
        $"the way from noise to pictures; {Usual.Name} without it",
        new OneOf<SamplerEntry>([.. SamplerCatalogue.Entries.Select(entry => (entry.Name, entry))]));

    private readonly Cli.Option<int?> _steps = Words.Option("--steps", "N",
        "how many steps; every level of the schedule without it", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<Func<int, TimestepSpacing>> _grid = Words.Option("--grid", "NAME",
        $"which levels are visited: {Listed(NoiseChoice.Grids.Select(choice => choice.Word))}; without it the sampler's habit",
        new OneOf<Func<int, TimestepSpacing>>(NoiseChoice.Grids));

    private readonly Cli.Option<TimestepSpacing> _spacing = Words.Option("--spacing", "TEXT",
        "which levels are visited in guided-diffusion's notation: 50, ddim50, or 10,15,20 for three equal sections",
        new Computed<TimestepSpacing>("a spacing such as 50, ddim50 or 10,15,20", TimestepSpacing.Parse));

    private readonly Cli.Option<double?> _eta = Words.Option("--eta", "ETA",
        "how random ddim (0 without it) and euler-ancestral (1) are", new RealNumber(0, 1));

    private readonly Cli.Option<int?> _order = Words.Option("--order", "K",
        "order of lms, dpm and unipc", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<double?> _churn = Words.Option("--churn", "S",
        "noise that edm adds on the way, S_churn of its paper", new RealNumber(0, 1e6));

    private readonly Cli.Option<Clipping> _limit = Words.Option("--limit", "clip|none",
        "what becomes of estimates outside [-1, 1]; without it clip for ddpm and ddim, none for the others",
        new OneOf<Clipping>(("clip", new Clipping.Clip()), ("none", new Clipping.None())));

    /// <summary>Every option, in the order in which help lists them.</summary>
    public Cli.Option[] All => [_sampler, _steps, _grid, _spacing, _eta, _order, _churn, _limit];

    /// <summary>Every sampler, for help.</summary>
    public static HelpList Samplers { get; } =
        new("samplers", [.. SamplerCatalogue.Entries.Select(entry => (entry.Name, $"{entry.Description}; {entry.Source}"))]);

    /// <summary>Why the options cannot be used together; empty where they can.</summary>
    public IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        var entry = typed.GetValue(_sampler) ?? Usual;
        foreach (var (option, apply) in Changes(typed))
            if (Misfit.Of(() => Changed(entry, apply)) is { } fault)
                yield return $"{option.Name}: {fault}";
        if (typed.IsGiven(_spacing))
            foreach (var other in new Cli.Option[] { _steps, _grid }.Where(other => typed.IsGiven(other)))
                yield return $"{other.Name}: cannot be combined with {_spacing.Name}";
        if (typed.IsGiven(_grid) && !typed.IsGiven(_steps))
            yield return $"{_grid.Name}: needs {_steps.Name} too";
    }

    /// <summary>What the sampler does over a schedule.</summary>
    /// <exception cref="ArgumentException">Sampler, grid and schedule do not fit together.</exception>
    public SamplerPlan Plan(Cli.ParseResult typed, NoiseSchedule schedule) => Choice(typed, schedule).Plan(schedule);

    /// <summary>The sampler and the levels of a schedule that it visits.</summary>
    public SamplerChoice Choice(Cli.ParseResult typed, NoiseSchedule schedule)
    {
        var entry = typed.GetValue(_sampler) ?? Usual;
        var sampler = Changes(typed).Aggregate(entry.Sampler, (before, change) => Changed(entry with { Sampler = before }, change.Apply));
        return new(sampler, Grid(typed, sampler, schedule));
    }

    private TimestepSpacing Grid(Cli.ParseResult typed, Sampler sampler, NoiseSchedule schedule) =>
        (typed.GetValue(_spacing), typed.GetValue(_grid), typed.GetValue(_steps)) switch
        {
            ({ } spacing, _, _) => spacing,
            (_, { } grid, { } steps) => grid(steps),
            (_, _, var steps) => SamplerHabit.Grid(sampler, schedule, steps),
        };

    private IEnumerable<(Cli.Option Option, Func<Sampler, Sampler?> Apply)> Changes(Cli.ParseResult typed)
    {
        if (typed.GetValue(_eta) is { } eta)
            yield return (_eta, sampler => SamplerSetting.Eta(sampler, eta));
        if (typed.GetValue(_order) is { } order)
            yield return (_order, sampler => SamplerSetting.Order(sampler, order));
        if (typed.GetValue(_churn) is { } churn)
            yield return (_churn, sampler => SamplerSetting.Churn(sampler, churn));
        if (typed.GetValue(_limit) is { } limit)
            yield return (_limit, sampler => SamplerSetting.Clipping(sampler, limit));
    }

    private static Sampler Changed(SamplerEntry entry, Func<Sampler, Sampler?> apply) =>
        apply(entry.Sampler) ?? throw new ArgumentException($"{entry.Name} has no such setting");

    private static string Listed(IEnumerable<string> words) => string.Join(", ", words);
}
