using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How training is asked for: <c>cifar10</c>, <c>mnist</c>, or <c>train</c> with any recipe.</summary>
internal sealed class TrainVerb : Verb
{
    private readonly TrainWords _words = new();
    private readonly string? _recipe;
    private Func<RecipeSource, TrainOptions, Command> _job = (source, options) => new Command.Train(source, options);
    private Sequence<string> _more = [];
    private readonly Cli.Argument<RecipeSource>? _argument;

    private TrainVerb(string name, string summary, Sequence<Example> examples, string? recipe)
        : base(name, summary)
    {
        (Examples, _recipe) = (examples, recipe);
        if (recipe is null)
        {
            _argument = Words.Argument("RECIPE", "a recipe.json, or a name that the command recipes lists", new RecipeWord());
            _argument.Arity = Cli.ArgumentArity.ZeroOrOne;
            Arguments.Add(_argument);
        }
        Take(_words.All);
    }

    /// <summary>The command for colour images.</summary>
    public static TrainVerb Cifar10() => new("cifar10", Summary("a model of CIFAR-10's colour images"),
    [
        new("cifar10", "the whole job, at the size that fits this machine"),
        new("cifar10 --steps 20 --out runs/try", "a few steps, to see that everything works"),
        new("cifar10 --resume runs/try --steps 200", "goes on, to 200 steps in all"),
    ], "cifar10");

    /// <summary>The command for digits.</summary>
    public static TrainVerb Mnist() => new("mnist", Summary("a model of MNIST's handwritten digits"),
    [
        new("mnist", "the whole job, at the size that fits this machine"),
        new("mnist --data digits --no-download", "with the IDX files in the folder digits"),
    ], "mnist");

    /// <summary>The command for colour images by label, and for what guidance does to them.</summary>
    public static TrainVerb GuidedCifar10() => Guided("cifar10-cfg", "CIFAR-10's colour images by label");

    /// <summary>The command for digits by label, and for what guidance does to them.</summary>
    public static TrainVerb GuidedMnist() => Guided("mnist-cfg", "MNIST's handwritten digits by label");

    /// <summary>The command for everything else.</summary>
    public static TrainVerb AnyRecipe() => new("train", Summary("a model by a recipe"),
    [
        new("train runs/try/recipe.json", "repeats a run"),
        new("train mnist --set optimiser.rate.peak=1e-4", "one setting changed"),
        new("train folder --data photos", "your own images"),
        new("train --resume runs/try", "goes on where a run was stopped"),
    ], null);

    /// <inheritdoc/>
    public override Sequence<Example> Examples { get; }

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "The run folder holds recipe.json (every setting), report.csv (a row per evaluation), samples-step-NNNNNN.png, checkpoints and log.txt. "
        + "Ctrl-C ends the current step, saves, and says how to go on.",
        .. _more,
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        var resumes = typed.IsGiven(_words.Resume);
        if (_argument is not null && typed.GetValue(_argument) is null && !resumes)
            yield return $"{Name}: needs {_argument.Name}, or {_words.Resume.Name}";
        if (_argument is not null && typed.GetValue(_argument) is not null && resumes)
            yield return $"{_words.Resume.Name}: the recipe is that of the run; leave out {_argument.Name}";
        if (_argument is not null && typed.GetValue(_argument) is RecipeSource.File && typed.IsGiven(_words.Preset))
            yield return $"{_words.Preset.Name}: a recipe.json has its own size";
        if (resumes)
            foreach (var option in _words.FixedByTheRun.Where(option => typed.IsGiven(option)))
                yield return $"{option.Name}: cannot be changed in a run that is resumed";
    }

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => _job(Source(typed), _words.Read(typed));

    private static TrainVerb Guided(string recipe, string what) => new(recipe, $"Trains a model of {what}, then sweeps over the strength of guidance.",
    [
        new(recipe, "the whole job: training, then the sweep over w"),
        new($"{recipe} --resume runs/try", "goes on, with training or with the sweep"),
    ], recipe)
    {
        _job = (_, options) => new Command.GuidedTrain(recipe, options),
        _more =
        [
            "The sweep leaves guidance.csv, guidance.png, guidance.svg and guidance-samples.png in the folder, too. At each w it draws as many samples as the recipe "
            + "does at its end (evaluation.finalSamples), but at most 1000.",
        ],
    };

    private static string Summary(string what) => $"Trains {what}, sampling and measuring as it goes on.";

    private RecipeSource Source(Cli.ParseResult typed) =>
        _recipe is not null ? new RecipeSource.BuiltIn(_recipe)
        : typed.GetValue(_argument!) ?? new RecipeSource.OfRun();

    private sealed class RecipeWord : TokenKind<RecipeSource>
    {
        public override IReadOnlyList<string> Words { get; } = [.. BuiltInRecipes.All.Select(recipe => recipe.Name)];

        public override string Expected => $"a recipe.json or one of {string.Join(", ", Words)}";

        public override bool TryRead(string token, out RecipeSource? value)
        {
            value = token.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? new RecipeSource.File(token)
                : Words.Contains(token) ? new RecipeSource.BuiltIn(token)
                : null;
            return value is not null;
        }
    }
}
