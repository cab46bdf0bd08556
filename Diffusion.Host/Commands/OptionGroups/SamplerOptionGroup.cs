using System.Text.Json;
using Diffusion.Host.CommandLine;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Model.Sampling;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>The options that choose a sampler and the levels it visits, or change those of a run one by one.</summary>
internal sealed class SamplerOptionGroup
{
    private readonly SamplerEntry? _usual;

    private readonly Cli.Option<SamplerEntry> _sampler;

    private readonly Cli.Option<int?> _steps;

    private readonly Cli.Option<SpacingWord> _spacing;

    private readonly Cli.Option<double?> _eta = Define.Option("--eta", "ETA",
        "stochasticity eta of ddim (default: 0) and euler-ancestral (default: 1)", new RealNumber(0, 1));

    private readonly Cli.Option<int?> _order = Define.Option("--order", "K",
        "order of lms, dpm and unipc", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<double?> _churn = Define.Option("--churn", "S",
        "S_churn of edm: noise added before each step", new RealNumber(0, 1e6));

    private readonly Cli.Option<Clipping> _clipping;

    private readonly Cli.Option<string> _plan;

    /// <summary>The options.</summary>
    /// <param name="usual">The sampler without any; null where a run has its own.</param>
    public SamplerOptionGroup(SamplerEntry? usual)
    {
        _usual = usual;
        string Default(string without) => $"(default: {(usual is null ? "the run's own" : without)})";
        _sampler = Define.Option("--sampler", "NAME",
            $"sampling method {Default($"{usual?.Name}")}",
            new OneOf<SamplerEntry>([.. SamplerCatalogue.Entries.Select(entry => (entry.Name, entry))])
            {
                // The kinds of recipes, where only one of them is meant.
                Former = [.. SamplerCatalogue.Entries.GroupBy(entry => KindOf(entry.Sampler.GetType().Name))
                    .Where(kind => kind.Count() == 1).Select(kind => (kind.Key, kind.Single()))],
            });
        _steps = Define.Option("--steps", "N",
            $"sampling steps {Default("every level of the schedule")}", new WholeNumber<int>("a positive whole number", 1));
        _spacing = Define.Option("--spacing", "NAME|LIST",
            $"timestep spacing: {Listed(NoiseChoice.Spacings.Select(choice => choice.Word))}; or in guided-diffusion's notation "
            + $"50, ddim50, or 10,15,20 for three equal sections {Default("the sampler's usual one")}",
            new SpacingKind()).Also("--grid");
        _clipping = Define.Option("--clipping", "MODE",
            "clip the predicted x_0 to [-1, 1], none, or dynamic[:QUANTILE[:MOST]], dynamic thresholding "
            + $"(Saharia et al. 2022; quantile 0.995) {Default("clip for ddpm and ddim, none for the others")}",
            new ClippingKind()).Also("--limit");
        _plan = Define.Option("--plan", usual is null ? "FILE|NAME" : "FILE",
            "in place of a sampler and its settings, a plan in a .json file, as plan -o writes it"
            + (usual is null ? "; or one of the model's own plans (search), by its name or number of network calls" : ""),
            new FreeText("a file of a plan"));
    }

    /// <summary>Every option, in the order in which help lists them.</summary>
    public Cli.Option[] All => [_sampler, _steps, _spacing, _eta, _order, _churn, _clipping, _plan];

    /// <summary>The plan that is given whole; null where there is none.</summary>
    public string? Plan(Cli.ParseResult typed) => typed.GetValue(_plan);

    /// <summary>Every sampler, for help.</summary>
    public static HelpList Samplers { get; } =
        new("samplers", [.. SamplerCatalogue.Entries.Select(entry => (entry.Name, $"{entry.Description}; {entry.Source}"))]);

    /// <summary>Why the options cannot be used together; empty where they can.</summary>
    /// <remarks>What does not fit a run's own sampler is seen when the run is opened.</remarks>
    public IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        if (typed.IsGiven(_plan))
        {
            foreach (var other in All.Where(option => option != _plan && typed.IsGiven(option)))
                yield return $"{typed.NameOf(other)}: cannot be combined with {_plan.Name}";
            yield break;
        }
        if ((typed.GetValue(_sampler) ?? _usual) is { } entry)
            foreach (var fault in Request(typed).Change.Faults(entry.Sampler))
                yield return $"--{fault.Setting}: {fault.Text}";
        var spacing = typed.GetValue(_spacing);
        if (spacing?.Timesteps is not null && typed.IsGiven(_steps))
            yield return $"{_steps.Name}: cannot be combined with a {typed.NameOf(_spacing)} that lists the steps";
        if (_usual is not null && spacing?.Named is not null && !typed.IsGiven(_steps))
            yield return $"{typed.NameOf(_spacing)}: requires {_steps.Name}";
    }

    /// <summary>The usual sampler with what was typed.</summary>
    public ChangedSampler Choice(Cli.ParseResult typed) => new(_usual!.Sampler, Request(typed).Change);

    /// <summary>The options as a value.</summary>
    public SamplingRequest Request(Cli.ParseResult typed) => new()
    {
        Plan = typed.GetValue(_plan) is { } place ? new PlanChoice.Named(place) : null,
        Sampler = typed.GetValue(_sampler)?.Sampler,
        Steps = typed.GetValue(_steps),
        Spacing = typed.GetValue(_spacing)?.Named,
        Grid = typed.GetValue(_spacing)?.Timesteps,
        Eta = typed.GetValue(_eta),
        Order = typed.GetValue(_order),
        Churn = typed.GetValue(_churn),
        Clipping = typed.GetValue(_clipping),
    };

    private static string KindOf(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    private static string Listed(IEnumerable<string> words) => string.Join(", ", words);

    // A name spreads --steps; a list is itself the steps.
    private sealed record SpacingWord(Spacing? Named, TimestepSpacing? Timesteps);

    private sealed class ClippingKind : TokenKind<Clipping>
    {
        private const string Thresholding = "dynamic";

        private readonly OneOf<Clipping> _words = new([.. NoiseChoice.Clippings]);

        public override IReadOnlyList<string> Words => _words.Words;

        public override string Expected => $"{_words.Expected}, or {Thresholding}:0.9 and {Thresholding}:0.9:2";

        public override bool TryRead(string token, out Clipping? value)
        {
            if (_words.TryRead(token, out value))
                return true;
            try
            {
                if (token.Split(':') is [Thresholding, .. { Length: 1 or 2 } numbers])
                    value = NumberList.Finite(string.Join(',', numbers)) is var given
                        ? new Clipping.Dynamic(new(given[0], given.Count > 1 ? given[1] : double.MaxValue)) : null;
            }
            catch (ArgumentException)
            {
                // Said again in the words of the option.
            }
            return value is not null;
        }
    }

    private sealed class SpacingKind : TokenKind<SpacingWord>
    {
        public override IReadOnlyList<string> Words { get; } = [.. NoiseChoice.Spacings.Select(choice => choice.Word)];

        public override string Expected => $"one of {string.Join(", ", Words)}, or a list such as 50, ddim50 or 10,15,20";

        public override bool TryRead(string token, out SpacingWord? value)
        {
            value = NoiseChoice.Spacings.Where(choice => choice.Word == token || KindOf($"{choice.Spacing}") == token)
                .Select(choice => new SpacingWord(choice.Spacing, null)).FirstOrDefault();
            try
            {
                value ??= new(null, TimestepSpacing.Parse(token));
            }
            catch (ArgumentException)
            {
                // Said again in the words of the option.
            }
            return value is not null;
        }
    }
}
