using Diffusion.Host.CommandLine;
using Diffusion.Host.Options;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How training is asked for: <c>cifar10</c>, <c>mnist</c>, or <c>train</c> with any recipe.</summary>
internal sealed class TrainSyntax : CommandSyntax
{
    private readonly TrainOptionGroup _words = new();
    private readonly string? _recipe;
    private Func<RecipeSource, TrainOptions, Command> _job = (source, options) => new Command.Train(source, options);
    private Sequence<string> _more = [];
    private readonly Cli.Argument<RecipeSource>? _argument;

    private TrainSyntax(string name, string summary, Sequence<Example> examples, string? recipe)
        : base(name, summary)
    {
        (Examples, _recipe) = (examples, recipe);
        if (recipe is null)
        {
            _argument = Define.Argument("RECIPE", "recipe.json, or the name of a built-in recipe (see the command recipes)",
                new RecipeWord());
            _argument.Arity = Cli.ArgumentArity.ZeroOrOne;
            Arguments.Add(_argument);
        }
        // The images of a data set have a size, and channels.
        Cli.Option[] own = recipe is null ? [] : [_words.Size, _words.Channels, _words.Background];
        Take([.. _words.All.Except(own)]);
    }

    /// <summary>The command for colour images.</summary>
    public static TrainSyntax Cifar10() => new("cifar10", Summary("CIFAR-10"),
    [
        new("cifar10", "the preset for this machine: paper with CUDA, else quick"),
        new("cifar10 --minutes 30", "as many steps as fit into half an hour with their evaluations"),
        new("cifar10 --steps 20 --out runs/try", "a few steps, as a test"),
        new("cifar10 --resume runs/try --steps 200", "continue to step 200"),
    ], "cifar10");

    /// <summary>The command for digits.</summary>
    public static TrainSyntax Mnist() => new("mnist", Summary("MNIST"),
    [
        new("mnist", "the preset for this machine: paper with CUDA, else quick"),
        new("mnist --minutes 5", "as many steps as fit into 5 minutes with their evaluations"),
        new("mnist --data digits --offline", "with the IDX files in the folder digits"),
    ], "mnist");

    /// <summary>The command for colour images by label, and for what guidance does to them.</summary>
    public static TrainSyntax GuidedCifar10() => Guided("cifar10-cfg", "CIFAR-10");

    /// <summary>The command for digits by label, and for what guidance does to them.</summary>
    public static TrainSyntax GuidedMnist() => Guided("mnist-cfg", "MNIST");

    /// <summary>The command for everything else.</summary>
    public static TrainSyntax AnyRecipe() => new("train",
        "Trains a model from a recipe, with samples and their distance to the data at every evaluation.",
    [
        new("train runs/try/recipe.json", "repeat a run"),
        new("train mnist --set optimiser.rate.peak=1e-4", "change one setting"),
        new("train runs/try/recipe.json --minutes 60", "the same for an hour: length, evaluations and learning rate follow"),
        new("train folder --data photos --size 64 --labels", "your own images, class-conditional; a subfolder is a class"),
        new("train --resume runs/try", "continue an interrupted run"),
        new("train --from runs/try --minutes 30", "a new run with its recipe that begins with its weights"),
        new("train mine.json --from digits --data photos", "other images and settings, the same network"),
    ], null);

    /// <inheritdoc/>
    public override Sequence<Example> Examples { get; }

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "The run folder contains recipe.json (every setting), report.csv (a row per evaluation), steps.csv (a row every few steps), "
        + "samples-step-NNNNNN.png, data.png (images as the network sees them), checkpoint/ and log.txt. "
        + "Ctrl-C finishes the current step, saves a checkpoint and prints the command that continues.",
        "--set PATH=KIND chooses another kind, as in evaluation.spacing=uniform: what that has no default for is kept from the kind "
        + "before. A schedule may be a .json file.",
        "--from takes the EMA that samples are drawn from, and the run's recipe where none is named. The networks must agree; a layer "
        + "whose size follows from the channels or the number of classes is made anew, and classes keep what they had by name. The "
        + "optimiser and the learning rate begin anew.",
        "A run shorter than its recipe draws fewer samples per evaluation, in proportion, but at least 64; --samples N draws N.",
        "--minutes M measures the pace for some seconds, then plans the number of steps, the evaluations and the end of the learning rate, "
        + "and says so first. Where the pace changes under way, the number of steps follows, and so does the rest of the learning rate: a "
        + "few times at most, each in a line. So do the minutes of training of a quick recipe, within its own number of steps. "
        + "recipe.json holds the numbers that were found, so that repeating or resuming the run is exact; a resumed run goes on by them, "
        + "whatever the time.",
        .. _more,
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        var (resumes, begins) = (typed.IsGiven(_words.Resume), typed.IsGiven(_words.From));
        if (_argument is not null && typed.GetValue(_argument) is null && !resumes && !begins)
            yield return $"{Name}: requires {_argument.Name}, {_words.Resume.Name} or {_words.From.Name}";
        if (_argument is not null && typed.GetValue(_argument) is not null && resumes)
            yield return $"{_words.Resume.Name}: a resumed run has its own recipe; omit {_argument.Name}";
        if (_argument is not null && typed.GetValue(_argument) is RecipeSource.File && typed.IsGiven(_words.Preset))
            yield return $"{_words.Preset.Name}: a recipe.json contains its own size";
        if (_argument is not null && typed.GetValue(_argument) is null && begins && typed.IsGiven(_words.Preset))
            yield return $"{_words.Preset.Name}: the run has its own size; name a recipe beside {_words.From.Name}";
        if (resumes && typed.IsGiven(_words.DryRun))
            yield return $"{_words.DryRun.Name}: describes a new run; omit {_words.Resume.Name}";
        foreach (var fault in _words.TimeFaults(typed, Name).Concat(_recipe is null ? _words.ColourFaults(typed) : []))
            yield return fault;
        if (resumes)
            foreach (var option in _words.FixedByTheRun.Where(option => typed.IsGiven(option)))
                yield return $"{typed.NameOf(option)}: cannot be changed in a resumed run" + OfANewRun(typed, option);
    }

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => _job(Source(typed), _words.Read(typed));

    // A preset belongs to a recipe by its name.
    private string OfANewRun(Cli.ParseResult typed, Cli.Option option) =>
        option == _words.Preset || typed.GetValue(_words.Resume) is not { Length: > 0 } run ? ""
            : $"; a new run: train {ResumeLine.Quoted(Path.Combine(run, RunFolder.RecipeName))} {option.Name}"
                + (typed.GetResult(option)?.Tokens is [var token, ..] ? $" {ResumeLine.Quoted(token.Value)}" : "");

    private static TrainSyntax Guided(string recipe, string what)
    {
        var syntax = WithSweep(recipe, what);
        // Its recipe has labels: the option is understood, and changes nothing.
        syntax._words.Labels.Hidden = true;
        return syntax;
    }

    private static TrainSyntax WithSweep(string recipe, string what) =>
        new(recipe, $"Trains a class-conditional model of {what} for classifier-free guidance, then sweeps over w.",
    [
        new(recipe, "train, then sweep over w"),
        new($"{recipe} --resume runs/try", "continue the training or the sweep"),
    ], recipe)
    {
        _job = (_, options) => new Command.GuidedTrain(recipe, options),
        _more =
        [
            "The sweep writes guidance.csv, guidance.png, guidance.svg and guidance-samples.png to the run folder. It draws "
                + "evaluation.finalSamples samples per w, "
            + "at most 1000, and fewer after a short run; the time of --minutes includes it.",
        ],
    };

    private static string Summary(string what) =>
        $"Trains a model of {what}, with samples and their distance to the data at every evaluation. Quick: by class, with label dropout; "
        + "paper: unconditional.";

    private RecipeSource Source(Cli.ParseResult typed) =>
        _recipe is not null ? new RecipeSource.BuiltIn(_recipe)
        : typed.GetValue(_argument!) ?? new RecipeSource.OfRun();
}
