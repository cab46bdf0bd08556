using Diffusion.Host.CommandLine;
using Diffusion.Math.Plans;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Model.Sampling;
using Cli = System.CommandLine;

namespace Diffusion.Host.Samplers;

/// <summary>The options that choose a sampler and the levels it visits, or change those of a run one by one.</summary>
internal sealed class SamplerWords
{
    private readonly SamplerEntry? _usual;

    private readonly Cli.Option<SamplerEntry> _sampler;

    private readonly Cli.Option<int?> _steps;

    private readonly Cli.Option<SpacingWord> _grid;

    private readonly Cli.Option<TimestepSpacing> _spacing = Words.Option("--spacing", "TEXT",
        "which levels are visited in guided-diffusion's notation: 50, ddim50, or 10,15,20 for three equal sections",
        new Computed<TimestepSpacing>("a spacing such as 50, ddim50 or 10,15,20", TimestepSpacing.Parse));

    private readonly Cli.Option<double?> _eta = Words.Option("--eta", "ETA",
        "how random ddim (0 without it) and euler-ancestral (1) are", new RealNumber(0, 1));

    private readonly Cli.Option<int?> _order = Words.Option("--order", "K",
        "order of lms, dpm and unipc", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<double?> _churn = Words.Option("--churn", "S",
        "noise that edm adds on the way, S_churn of its paper", new RealNumber(0, 1e6));

    private readonly Cli.Option<Clipping> _limit;

    /// <summary>The options.</summary>
    /// <param name="usual">The sampler without any; null where a run has its own.</param>
    public SamplerWords(SamplerEntry? usual)
    {
        _usual = usual;
        string Default(string without) => $"(default: {(usual is null ? "the run's own" : without)})";
        _sampler = Words.Option("--sampler", "NAME",
            $"the way from noise to images {Default($"{usual?.Name}")}",
            new OneOf<SamplerEntry>([.. SamplerCatalogue.Entries.Select(entry => (entry.Name, entry))]));
        _steps = Words.Option("--steps", "N",
            $"how many steps {Default("every level of the schedule")}", new WholeNumber<int>("a positive whole number", 1));
        _grid = Words.Option("--grid", "NAME",
            $"which levels are visited: {Listed(NoiseChoice.Spacings.Select(choice => choice.Word))} {Default("the sampler's usual ones")}",
            new OneOf<SpacingWord>([.. NoiseChoice.Spacings.Select(choice => (choice.Word, new SpacingWord(choice.Spacing)))]));
        _limit = Words.Option("--limit", "clip|none",
            $"what becomes of estimates outside [-1, 1] {Default("clip for ddpm and ddim, none for the others")}",
            new OneOf<Clipping>(("clip", new Clipping.Clip()), ("none", new Clipping.None())));
    }

    /// <summary>Every option, in the order in which help lists them.</summary>
    public Cli.Option[] All => [_sampler, _steps, _grid, _spacing, _eta, _order, _churn, _limit];

    /// <summary>Every sampler, for help.</summary>
    public static HelpList Samplers { get; } =
        new("samplers", [.. SamplerCatalogue.Entries.Select(entry => (entry.Name, $"{entry.Description}; {entry.Source}"))]);

    /// <summary>Why the options cannot be used together; empty where they can.</summary>
    /// <remarks>What does not fit a run's own sampler is seen when the run is opened.</remarks>
    public IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        if ((typed.GetValue(_sampler) ?? _usual) is { } entry)
            foreach (var fault in Request(typed).Change.Faults(entry.Sampler))
                yield return $"--{fault.Setting}: {fault.Text}";
        if (typed.IsGiven(_spacing))
            foreach (var other in new Cli.Option[] { _steps, _grid }.Where(other => typed.IsGiven(other)))
                yield return $"{other.Name}: cannot be combined with {_spacing.Name}";
        if (_usual is not null && typed.IsGiven(_grid) && !typed.IsGiven(_steps))
            yield return $"{_grid.Name}: needs {_steps.Name} too";
    }

    /// <summary>What the usual sampler does over a schedule, with what was typed.</summary>
    /// <exception cref="ArgumentException">Sampler, levels and schedule do not fit together.</exception>
    public SamplerPlan Plan(Cli.ParseResult typed, NoiseSchedule schedule) =>
        Request(typed).Change.Of(SamplerChoice.Of(_usual!.Sampler, schedule), schedule).Plan(schedule);

    /// <summary>The options as a value.</summary>
    public SamplingRequest Request(Cli.ParseResult typed) => new()
    {
        Sampler = typed.GetValue(_sampler)?.Sampler,
        Steps = typed.GetValue(_steps),
        Spacing = typed.GetValue(_grid)?.Spacing,
        Grid = typed.GetValue(_spacing),
        Eta = typed.GetValue(_eta),
        Order = typed.GetValue(_order),
        Churn = typed.GetValue(_churn),
        Clipping = typed.GetValue(_limit),
    };

    private static string Listed(IEnumerable<string> words) => string.Join(", ", words);

    private sealed record SpacingWord(Spacing Spacing);
}
