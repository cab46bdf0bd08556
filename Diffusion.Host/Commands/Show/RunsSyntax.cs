using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a list of runs is asked for.</summary>
internal sealed class RunsSyntax : CommandSyntax
{
    private const string Usual = "runs";

    private readonly Cli.Argument<string> _folder =
        Define.Argument("DIR", $"folder in which runs are looked for (default: {Usual})", new FreeText("a folder"));

    private readonly Cli.Option<bool> _markdown = Define.Flag("--markdown", "print a table in Markdown, however wide it is");

    /// <summary>The command <c>runs</c>.</summary>
    public RunsSyntax()
        : base("runs", "Lists runs: how far they are, their last loss and distance.")
    {
        _folder.Arity = Cli.ArgumentArity.ZeroOrOne;
        Arguments.Add(_folder);
        Take(_markdown);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("runs", "the runs below runs/, the latest last"),
        new("runs experiments --json", "the same of another folder, for a script"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "State: finished (all steps are made), running (a process of this machine has the folder), stopped, diverged, weights only "
        + "(imported) or damaged; what is damaged is said below the table. Folders are searched four levels deep.",
    ];

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => new Command.ListRuns(typed.GetValue(_folder) ?? Usual)
    {
        MayBeMissing = typed.GetValue(_folder) is null,
        Form = typed.GetValue(_markdown) ? TableForm.Markdown : TableForm.Text,
    };
}
