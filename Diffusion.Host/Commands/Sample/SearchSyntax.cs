using Diffusion.Host.CommandLine;
using Diffusion.Host.Models;
using Diffusion.Host.Samplers;
using Diffusion.Math.Samplers;
using Diffusion.Math.Search;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a plan of few network calls is searched for.</summary>
internal sealed class SearchSyntax : CommandSyntax
{
    private static readonly Sequence<int> UsualCalls = [10];

    private readonly Cli.Argument<string> _run = Define.Argument("RUN", RunWord.Help, new RunWord());

    private readonly Cli.Option<Sequence<int>> _calls = Define.Option("--calls", "N,N,...",
        "network calls of the plan; several for a plan of each (default: 10)",
        new Computed<Sequence<int>>("numbers of network calls such as 4,6,10", NumberList.Positive));

    private readonly Cli.Option<SamplerEntry> _sampler = Define.Option("--sampler", "NAME",
        "sampler whose levels and weights are searched, deterministic and of one network call a step (default: unipc)",
        new OneOf<SamplerEntry>([.. SamplerCatalogue.Entries.Select(entry => (entry.Name, entry))]));

    private readonly Cli.Option<bool> _levels = Define.Flag("--levels-only", "search the levels alone, and keep the sampler's weights");

    private readonly Cli.Option<int?> _count = Define.Option("--count", "N",
        $"samples that are compared with the teacher's (default: {SearchOptions.UsualCount})",
        new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<int?> _trials = Define.Option("--trials", "N",
        $"plans that are tried at most (default: {SearchOptions.UsualTrials})", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<string> _out = new OutputOption("--out",
        "file for the plan, or folder for RUN-N.json (default: the folder plans of the run, where --plan N finds it; of a model that "
            + "comes with the program, a folder plans here)", ".json", "/")
        .Also("-o");

    private readonly GuidanceOptionGroup<double?> _guidance = GuidanceOptionGroup.One();

    private readonly Cli.Option<ulong?> _seed = Define.Option("--seed", "N",
        "random seed (default: the run's)", new WholeNumber<ulong>("a whole number", 0));

    private readonly Cli.Option<int?> _batch = Define.Option("--batch", "N",
        "batch size; affects results by rounding only", new WholeNumber<int>("a positive whole number", 1));

    private readonly MachineOptionGroup _machine = new();

    /// <summary>The command <c>search</c>.</summary>
    public SearchSyntax()
        : base("search", "Searches a plan of few network calls for a trained model: the noise levels and weights of each step.")
    {
        Arguments.Add(_run);
        Take([_calls, _sampler, _levels, _count, _trials, _out, .. _guidance.All, _seed, _batch, .. _machine.All]);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("search runs/try --calls 10", "writes runs/try/plans/try-10.json, for sample runs/try --plan 10"),
        new("search runs/try --calls 4,6,8,10", "a plan for each"),
        new("search runs/try --calls 8 --sampler ddim --levels-only -o ddim-8.json", "only where DDIM asks the network"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "A teacher samples some noise in about 100 calls. The levels that a few steps visit come from a shortest path through the errors "
        + "of single steps along the teacher's trajectories (Chen et al. 2024, GITS), and are then moved one at a time while that brings "
        + "the samples closer to the teacher's. The weights of every step are fitted by least squares to these trajectories.",
        "It reports the distances to the teacher's samples, relative to their size, before (the sampler's usual levels) and after: of the "
        + "samples that were compared, and of as many unseen ones. The file records model, teacher, seed and distances.",
        "Network calls, in all: about count x (200 + calls x trials). Labels come in turn; of guided samples, the plan is one for that "
        + "guidance.",
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        foreach (var fault in _guidance.Faults(typed))
            yield return fault;
        if (typed.GetValue(_calls) is { Count: > 1 } && typed.GetValue(_out) is { } path && !OutputName.IsFolder(path))
            yield return $"{_out.Name}: several plans require a folder, such as plans/";
    }

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => new Command.Search(
        new(typed.GetValue(_run)!, new()
        {
            GuidanceW = _guidance.W(typed),
            Seed = typed.GetValue(_seed),
            Batch = typed.GetValue(_batch),
        })
        {
            Device = _machine.Device(typed),
            Threads = _machine.Threads(typed),
        },
        new((typed.GetValue(_sampler) ?? SamplerCatalogue.Find("unipc")!).Sampler, typed.GetValue(_calls) ?? UsualCalls)
        {
            Freedom = typed.GetValue(_levels) ? SearchFreedom.Levels : SearchFreedom.LevelsAndWeights,
            Count = typed.GetValue(_count) ?? SearchOptions.UsualCount,
            Trials = typed.GetValue(_trials) ?? SearchOptions.UsualTrials,
        },
        typed.GetValue(_out));
}
