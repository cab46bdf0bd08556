using Diffusion.Model.Runs;
using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>Every word the program understands. Built anew for each line, since System.CommandLine's symbols can be changed.</summary>
internal sealed class Grammar
{
    /// <summary>The program as a person calls it.</summary>
    public const string Program = ResumeLine.Program;

    /// <summary>All commands, by what they are for, in the order in which help lists them.</summary>
    public IReadOnlyList<(string Title, Sequence<CommandSyntax> Verbs)> Families { get; } =
    [
        ("train",
        [
            TrainSyntax.Cifar10(), TrainSyntax.Mnist(), TrainSyntax.GuidedCifar10(), TrainSyntax.GuidedMnist(), TrainSyntax.AnyRecipe(),
            new DistilSyntax(), new RecipesSyntax(), new EmaSyntax(),
        ]),
        ("sample",
        [
            new SampleSyntax(), new EditSyntax(), new InterpolateSyntax(), new VarySyntax(), new ForwardSyntax(), new PlanSyntax(),
            new SearchSyntax(),
        ]),
        ("measure",
        [
            new FidSyntax(), new LikelihoodSyntax(), new SweepSyntax(), new ClassifierGuidedSyntax(), new StatsSyntax(),
            new CompareSyntax(), new FeaturesSyntax(), new DataSyntax(),
        ]),
        ("show",
        [
            new StudioSyntax(), new RunsSyntax(), new PlotSyntax(), new ReportSyntax(), new PosterSyntax(), new InfoSyntax(),
            new BenchSyntax(), new GpuCheckSyntax(), new CompletionSyntax(),
        ]),
        ("import and export", [new ImportSyntax(), new ExportSyntax()]),
    ];

    /// <summary>All commands.</summary>
    public IReadOnlyList<CommandSyntax> Verbs => [.. Families.SelectMany(family => family.Verbs)];

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
    public Cli.Option<bool> Quiet { get; } = Define.Flag("--quiet", "print only results, warnings and errors");

    /// <summary>Says more.</summary>
    public Cli.Option<bool> Verbose { get; } = Define.Flag("--verbose", "print details, and the stack trace of an error");

    /// <summary>Answers a script.</summary>
    public Cli.Option<bool> Json { get; } =
        Define.Flag("--json", "print the result as one JSON object, the last line of standard output");

    /// <summary>Explains.</summary>
    public Cli.Option<bool> Help { get; } = new("--help", "-h", "-?") { Description = "show this help", Arity = Cli.ArgumentArity.Zero };

    /// <summary>Names the version.</summary>
    public Cli.Option<bool> Version { get; } = Define.Flag("--version", "print the version");

    /// <summary>The tree of commands and options.</summary>
    public Cli.RootCommand Root { get; }

    /// <summary>The whole language.</summary>
    public Grammar()
    {
        Root = new("Trains denoising diffusion models of images (DDPM and successors), samples from them, and evaluates the samples "
            + "(FID and others).");
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

    /// <summary>What a command line may go on with at its end.</summary>
    /// <param name="line">What is typed so far, from the program's name on.</param>
    /// <remarks>Options only where one is begun, so that else a shell looks for files. Former names and letters are not offered.</remarks>
    public IEnumerable<string> Completions(string line)
    {
        var begun = line[(line.LastIndexOf(' ') + 1)..];
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).ToList();
        if (begun.Length == 0)
            words.Add("");
        var typed = Root.Parse(words, new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        // An option whose value is begun takes no other, for System.CommandLine; for a shell it is the one that matters.
        var awaiting = words is [.., var before, _] ? typed.CommandResult.Command.Options.FirstOrDefault(option =>
            (option.Name == before || option.Aliases.Contains(before)) && option.Arity.MaximumNumberOfValues > 0) : null;
        var former = typed.CommandResult.Command.Options.SelectMany(option => option.Aliases)
            .Concat(Root.Subcommands.SelectMany(verb => verb.Aliases)).ToHashSet();
        return (awaiting?.GetCompletions(Cli.Completions.CompletionContext.Empty) ?? typed.GetCompletions()).Select(found => found.Label)
            .Where(word => word.StartsWith(begun, StringComparison.Ordinal) && !former.Contains(word))
            .Where(word => begun.StartsWith('-') || !word.StartsWith('-'));
    }
}
