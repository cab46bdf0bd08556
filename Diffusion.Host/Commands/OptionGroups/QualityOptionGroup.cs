using Diffusion.Host.Benchmarks;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Options;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>The options of the benchmark <c>quality</c>.</summary>
internal sealed class QualityOptionGroup
{
    private const double UsualMinutes = 5;

    private static readonly QualityOptions Usual = new([], new QualityBudget.Time(TimeSpan.FromMinutes(UsualMinutes)));

    private readonly Cli.Option<ChangedRecipe[]> _recipes = Define.Repeated("--recipe", "NAME[,PATH=VALUE,...]",
        "of quality: recipe.json or the name of a recipe, with settings to change; repeatable", new ChangedRecipeWord());

    private readonly Cli.Option<double?> _minutes = Define.Option("--minutes", "M",
        $"of quality: training time of each (default: {UsualMinutes})", new RealNumber(0.001, 100_000));

    private readonly Cli.Option<long?> _images = Define.Option("--images", "N",
        "of quality: images seen by each, instead of a time", new WholeNumber<long>("a positive whole number", 1));

    private readonly Cli.Option<int?> _seeds = Define.Option("--seeds", "N",
        $"of quality: trainings of each recipe (default: {Usual.Seeds})", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<int?> _count = Define.Option("--count", "N",
        $"of quality: samples measured after each (default: {Usual.Count})",
        new WholeNumber<int>($"a whole number from {QualityOptions.Fewest}", QualityOptions.Fewest));

    private readonly Cli.Option<string> _out = Define.Option("--out", "DIR",
        "of quality: folder for a sheet of samples of each training", new FreeText("a folder")).Also("-o");

    private readonly DataOptionGroup _data = new();

    private readonly SamplerOptionGroup _sampler = new(null);

    /// <summary>Every option, in the order in which help lists them.</summary>
    public Cli.Option[] All => [_recipes, _minutes, _images, _seeds, _count, _out, .. _data.All, .. _sampler.All];

    /// <summary>Why the options cannot be used together; empty where they can.</summary>
    public IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        if (!typed.IsGiven(_recipes))
            yield return $"bench quality: requires {_recipes.Name}";
        if (typed.IsGiven(_minutes) && typed.IsGiven(_images))
            yield return $"{_images.Name}: cannot be combined with {_minutes.Name}";
        foreach (var fault in _sampler.Faults(typed))
            yield return fault;
    }

    /// <summary>The options as a value.</summary>
    /// <param name="typed">What was typed.</param>
    /// <param name="preset">The size of recipes that are named; null for what suits the machine.</param>
    public QualityOptions Read(Cli.ParseResult typed, Preset? preset) => Usual with
    {
        Recipes = (typed.GetValue(_recipes) ?? []).ToSequence(),
        Budget = typed.GetValue(_images) is { } images ? new QualityBudget.Images(images)
            : typed.GetValue(_minutes) is { } minutes ? new QualityBudget.Time(TimeSpan.FromMinutes(minutes))
            : Usual.Budget,
        Seeds = typed.GetValue(_seeds) ?? Usual.Seeds,
        Count = typed.GetValue(_count) ?? Usual.Count,
        Sampling = _sampler.Request(typed),
        Training = new() { Preset = preset, Data = _data.Folder(typed), Downloads = _data.Downloads(typed) },
        Out = typed.GetValue(_out),
    };
}
