using Diffusion.Host.CommandLine;
using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;
using Diffusion.Math.Sampling;
using Cli = System.CommandLine;

namespace Diffusion.Host.Samplers;

/// <summary>The options that choose a sampler and the levels it visits.</summary>
internal sealed class SamplerWords
{
    private readonly Cli.Option<SamplerChoice> _sampler = Words.Option("--sampler", "NAME",
        $"{Listed(SamplerChoice.All.Select(choice => choice.Name))}; ddim without it",
        new OneOf<SamplerChoice>([.. SamplerChoice.All.Select(choice => (choice.Name, choice))]));

    private readonly Cli.Option<int?> _steps = Words.Option("--steps", "N",
        "how many steps; every level of the schedule without it", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<Func<int, TimeGrid>> _grid = Words.Option("--grid", "NAME",
        $"which levels are visited: {Listed(NoiseChoice.Grids.Select(choice => choice.Word))}; without it the sampler's habit",
        new OneOf<Func<int, TimeGrid>>(NoiseChoice.Grids));

    private readonly Cli.Option<TimeGrid> _spacing = Words.Option("--spacing", "TEXT",
        "which levels are visited in guided-diffusion's notation: 50, ddim50, or 10,15,20 for three equal sections",
        new Computed<TimeGrid>("a spacing such as 50, ddim50 or 10,15,20", TimeGrid.Parse));

    private readonly Cli.Option<double?> _eta = Words.Option("--eta", "ETA",
        "how random ddim (0 without it) and euler-ancestral (1) are", new RealNumber(0, 1));

    private readonly Cli.Option<int?> _order = Words.Option("--order", "K",
        "order of lms (4 without it), dpm and unipc (2)", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<double?> _churn = Words.Option("--churn", "S",
        "noise that edm adds on the way, S_churn of its paper; 0 without it", new RealNumber(0, 1e6));

    private readonly Cli.Option<Variance> _variance = Words.Option("--variance", "large|small",
        "noise of ancestral steps; large without it",
        new OneOf<Variance>(("large", new Variance.Large()), ("small", new Variance.Small())));

    private readonly Cli.Option<Limit> _limit = Words.Option("--limit", "clip|none",
        "what becomes of estimates outside [-1, 1]; clip without it, but none for edm",
        new OneOf<Limit>(("clip", new Limit.Clip()), ("none", new Limit.None())));

    /// <summary>Every option, in the order in which help lists them.</summary>
    public Cli.Option[] All => [_sampler, _steps, _grid, _spacing, _eta, _order, _churn, _variance, _limit];

    /// <summary>Why the options cannot be used together; empty where they can.</summary>
    public IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        var choice = Choice(typed);
        (SamplerSetting Setting, Cli.Option Option)[] settings =
            [(SamplerSetting.Eta, _eta), (SamplerSetting.Order, _order), (SamplerSetting.Churn, _churn), (SamplerSetting.Variance, _variance)];
        foreach (var (setting, option) in settings)
            if (typed.IsGiven(option) && !choice.Takes.Contains(setting))
                yield return $"{option.Name}: {choice.Name} has no such setting";
        if (typed.IsGiven(_spacing))
            foreach (var other in new Cli.Option[] { _steps, _grid }.Where(other => typed.IsGiven(other)))
                yield return $"{other.Name}: cannot be combined with {_spacing.Name}";
        if (typed.IsGiven(_grid) && !typed.IsGiven(_steps))
            yield return $"{_grid.Name}: needs {_steps.Name} too";
    }

    /// <summary>What the sampler does over a schedule.</summary>
    /// <exception cref="ArgumentException">Sampler, grid and schedule do not fit together.</exception>
    public SamplerPlan Plan(Cli.ParseResult typed, NoiseSchedule schedule)
    {
        var choice = Choice(typed);
        var sampler = choice.Make(new()
        {
            Eta = typed.GetValue(_eta),
            Order = typed.GetValue(_order),
            Churn = typed.GetValue(_churn),
            Variance = typed.GetValue(_variance),
            Limit = typed.GetValue(_limit),
        });
        return sampler.Plan(schedule, choice.Ends(Grid(typed, choice, schedule)));
    }

    // A schedule without levels is visited as Karras et al. do, a thousand times unless told otherwise.
    private TimeGrid Grid(Cli.ParseResult typed, SamplerChoice choice, NoiseSchedule schedule)
    {
        if (typed.GetValue(_spacing) is { } spacing)
            return spacing;
        var isDiscrete = schedule is NoiseSchedule.Discrete;
        if (typed.GetValue(_steps) is not { } steps)
            return isDiscrete ? new TimeGrid.All() : new TimeGrid.Karras(1000);
        return (typed.GetValue(_grid) ?? (isDiscrete ? choice.Grid : count => new TimeGrid.Karras(count)))(steps);
    }

    private SamplerChoice Choice(Cli.ParseResult typed) =>
        typed.GetValue(_sampler) ?? SamplerChoice.All.Single(choice => choice.Name == "ddim");

    private static string Listed(IEnumerable<string> words) => string.Join(", ", words);
}
