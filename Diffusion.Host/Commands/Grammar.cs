using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>Every word the program understands. Built anew for each line, since System.CommandLine's symbols can be changed.</summary>
internal sealed class Grammar
{
    /// <summary>The program as a person calls it.</summary>
    public const string Program = "diffusion";

    /// <summary>All commands, by what they are for, in the order in which help lists them.</summary>
    public IReadOnlyList<(string Title, Sequence<Verb> Verbs)> Families { get; } =
    [
        ("train", [TrainVerb.Cifar10(), TrainVerb.Mnist(), TrainVerb.GuidedCifar10(), TrainVerb.GuidedMnist(), TrainVerb.AnyRecipe(), new RecipesVerb(), new EmaVerb()]),
        ("sample", [new SampleVerb(), new EditVerb(), new InterpolateVerb(), new VaryVerb(), new ForwardVerb(), new PlanVerb()]),
        ("measure", [new FidVerb(), new LikelihoodVerb(), new SweepVerb(), new ClassifierGuidedVerb(), new StatsVerb(), new CompareVerb(), new FeaturesVerb()]),
        ("show", [new PlotVerb(), new ReportVerb(), new InfoVerb(), new BenchVerb()]),
        ("import and export", [new ImportVerb(), new ExportVerb()]),
    ];

    /// <summary>All commands.</summary>
    public IReadOnlyList<Verb> Verbs => [.. Families.SelectMany(family => family.Verbs)];

    /// <summary>Command lines to begin with.</summary>
    public Sequence<Example> FirstSteps { get; } =
    [
        new("mnist", "train on MNIST with the settings for this machine"),
        new("cifar10 --preset paper", "train the network of Ho et al. 2020 (days on a GPU)"),
        new("train --resume runs/try", "continue a run"),
        new("sample runs/try --steps 50 -o grid.png", "generate images"),
        new("fid cifar10 runs/try", "measure the FID of a trained model"),
        new("train folder --data photos", "train on your own images"),
    ];

    /// <summary>Says less.</summary>
    public Cli.Option<bool> Quiet { get; } = Words.Flag("--quiet", "print only results, warnings and errors");

    /// <summary>Says more.</summary>
    public Cli.Option<bool> Verbose { get; } = Words.Flag("--verbose", "print details, and the stack trace of an error");

    /// <summary>Answers a script.</summary>
    public Cli.Option<bool> Json { get; } =
        Words.Flag("--json", "print the result as one JSON object, the last line of standard output");

    /// <summary>Explains.</summary>
    public Cli.Option<bool> Help { get; } = new("--help", "-h", "-?") { Description = "show this help", Arity = Cli.ArgumentArity.Zero };

    /// <summary>Names the version.</summary>
    public Cli.Option<bool> Version { get; } = Words.Flag("--version", "print the version");

    /// <summary>The tree of commands and options.</summary>
    public Cli.RootCommand Root { get; }

    /// <summary>The whole language.</summary>
    public Grammar()
    {
        Root = new("Trains denoising diffusion models of images (DDPM and successors), samples from them, and evaluates the samples (FID and others).");
        Root.Options.Clear();
        Root.Directives.Clear();
        foreach (var option in SharedOptions)
        {
            option.Recursive = true;
            Root.Options.Add(option);
        }
        Root.Options.Add(Version);
        foreach (var verb in Verbs)
            Root.Subcommands.Add(verb);
    }

    /// <summary>Options that every command takes.</summary>
    public IReadOnlyList<Cli.Option> SharedOptions => [Quiet, Verbose, Json, Help];
}
