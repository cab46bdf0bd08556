using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>Turns a command line into a value. Reads no file and loads no native library.</summary>
public static class CommandParser
{
    // No bundling (-abc for -a -b -c) and no @files: neither is ever meant here, and a folder may begin with @.
    private static readonly Cli.ParserConfiguration Plain = new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    /// <summary>The command that the words stand for, or one line that says why they stand for none.</summary>
    public static ParsedLine Parse(string[] words) => Parse(words, () => new());

    /// <summary>The same by a grammar that is there already: to make one takes far longer than to read a line.</summary>
    internal static ParsedLine Parse(string[] words, Func<Grammar> known)
    {
        if (Command.Suggest.Of(words) is { } suggest)
            return Plainly(suggest);
        var grammar = known();
        var typed = grammar.Root.Parse(words is ["help", .. var asked] ? [.. asked, grammar.Help.Name] : words, Plain);
        var verb = typed.CommandResult.Command as CommandSyntax;
        if (words.Length == 0 || (typed.IsGiven(grammar.Help) && typed.UnmatchedTokens.All(word => word.StartsWith('-'))))
            return Plainly(new Command.Help(verb?.Name));
        if (verb is null && typed.IsGiven(grammar.Version) && typed.UnmatchedTokens.Count == 0)
            return Plainly(new Command.Print($"{Grammar.Program} {typeof(CommandParser).Assembly.GetName().Version!.ToString(3)}"));
        return Faults(typed, grammar, verb).FirstOrDefault() is { } fault
            ? new ParsedLine.Refused(PlainText.OneLine(fault))
            : new ParsedLine.Accepted(verb!.Read(typed), VerbosityOf(typed, grammar), FormOf(typed, grammar));
    }

    private static IEnumerable<string> Faults(Cli.ParseResult typed, Grammar grammar, CommandSyntax? verb)
    {
        foreach (var fault in UsageFaults.In(typed, grammar))
            yield return fault;
        if (typed.IsGiven(grammar.Quiet) && typed.IsGiven(grammar.Verbose))
            yield return $"{grammar.Quiet.Name}: cannot be combined with {grammar.Verbose.Name}";
        // A command looks at values, which there are only where every word is right: it is not asked before that is known.
        foreach (var fault in verb is null ? [$"no command; {Grammar.Program} --help lists them"] : verb.Faults(typed))
            yield return fault;
    }

    private static Verbosity VerbosityOf(Cli.ParseResult typed, Grammar grammar) =>
        typed.GetValue(grammar.Quiet) ? Verbosity.Quiet : typed.GetValue(grammar.Verbose) ? Verbosity.Verbose : Verbosity.Normal;

    private static ResultForm FormOf(Cli.ParseResult typed, Grammar grammar) =>
        typed.GetValue(grammar.Json) ? ResultForm.Json : ResultForm.Text;

    private static ParsedLine.Accepted Plainly(Command command) => new(command, Verbosity.Normal, ResultForm.Text);
}
