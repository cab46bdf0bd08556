using Diffusion.Host.CommandLine;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>Every word the program understands. Built anew for each line, since System.CommandLine's symbols can be changed.</summary>
internal sealed class Grammar
{
    /// <summary>The program as a person calls it.</summary>
    public const string Program = "diffusion";

    /// <summary>All commands, in the order in which help lists them.</summary>
    public IReadOnlyList<Verb> Verbs { get; } =
    [
        TrainVerb.Cifar10(),
        TrainVerb.Mnist(),
        TrainVerb.GuidedCifar10(),
        TrainVerb.GuidedMnist(),
        TrainVerb.AnyRecipe(),
        new ClassifierGuidedVerb(),
        new RecipesVerb(),
        new SampleVerb(),
        new AverageVerb(),
        new VaryVerb(),
        new InterpolateVerb(),
        new EditVerb(),
        new ForwardVerb(),
        new SweepVerb(),
        new ImportVerb(),
        new ExportVerb(),
        new FidVerb(),
        new LikelihoodVerb(),
        new StatsVerb(),
        new CompareVerb(),
        new FeaturesVerb(),
        new PlanVerb(),
        new PlotVerb(),
        new ReportVerb(),
        new BenchVerb(),
        new InfoVerb(),
    ];

    /// <summary>Says less.</summary>
    public Cli.Option<bool> Quiet { get; } = Words.Flag("--quiet", "say nothing but results, warnings and errors");

    /// <summary>Says more.</summary>
    public Cli.Option<bool> Verbose { get; } = Words.Flag("--verbose", "say more, and where in the program an error came from");

    /// <summary>Answers a script.</summary>
    public Cli.Option<bool> Json { get; } =
        Words.Flag("--json", "end standard output with one JSON object; everything else goes to standard error");

    /// <summary>Explains.</summary>
    public Cli.Option<bool> Help { get; } = new("--help", "-h", "-?") { Description = "show this", Arity = Cli.ArgumentArity.Zero };

    /// <summary>Names the version.</summary>
    public Cli.Option<bool> Version { get; } = Words.Flag("--version", "print the version");

    /// <summary>The tree of commands and options.</summary>
    public Cli.RootCommand Root { get; }

    /// <summary>The whole language.</summary>
    public Grammar()
    {
        Root = new("Trains diffusion models of images, samples from them, and measures how good the samples are.");
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
