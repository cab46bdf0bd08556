using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a shell is taught to complete command lines.</summary>
internal sealed class CompletionSyntax : CommandSyntax
{
    private static readonly string[] Shells = ["bash", "zsh", "fish", "pwsh"];

    private readonly Cli.Argument<string> _shell = Define.Argument("SHELL", string.Join(", ", Shells),
        new OneOf<string>([.. Shells.Select(shell => (shell, shell))]));

    /// <summary>The command <c>completion</c>.</summary>
    public CompletionSyntax()
        : base("completion", "Prints a script that has a shell complete commands, options and their values.") => Arguments.Add(_shell);

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("completion bash", "belongs into ~/.bashrc"),
        new("completion zsh", "belongs into ~/.zshrc, below compinit"),
        new("completion fish", "belongs into ~/.config/fish/completions/diffusion.fish"),
        new("completion pwsh", "belongs into the file $PROFILE"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
        [$"The program has to be on the PATH as {Grammar.Program}. Files and folders are completed by the shell."];

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => new Command.Print(Script(typed.GetValue(_shell)!));

    private static string Script(string shell)
    {
        using var content = typeof(CompletionSyntax).Assembly.GetManifestResourceStream($"completion/{shell}")
            ?? throw new InvalidOperationException($"This program was built without its script for {shell}.");
        using var reader = new StreamReader(content);
        return reader.ReadToEnd().TrimEnd();
    }
}
