using Diffusion.Host.CommandLine;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>Turns a command line into a value. Reads no file and loads no native library.</summary>
public static class CommandParser
{
    // No bundling (-abc for -a -b -c) and no @files: neither is ever meant here, and a folder may begin with @.
    private static readonly Cli.ParserConfiguration Plain = new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    /// <summary>The command that the words stand for, or one line that says why they stand for none.</summary>
    public static ParsedLine Parse(string[] words)
    {
        var grammar = new Grammar();
        var typed = grammar.Root.Parse(words is ["help", .. var asked] ? [.. asked, grammar.Help.Name] : words, Plain);
        var verb = typed.CommandResult.Command as Verb;
        if (words.Length == 0 || (typed.IsGiven(grammar.Help) && typed.UnmatchedTokens.All(word => word.StartsWith('-'))))
            return Printing(verb is null ? HelpText.OfProgram(grammar) : HelpText.Of(verb, grammar));
        if (verb is null && typed.IsGiven(grammar.Version) && typed.UnmatchedTokens.Count == 0)
            return Printing($"{Grammar.Program} {typeof(CommandParser).Assembly.GetName().Version!.ToString(3)}");
        return Faults(typed, grammar, verb).FirstOrDefault() is { } fault
            ? new ParsedLine.Refused(fault)
            : new ParsedLine.Accepted(verb!.Read(typed), VerbosityOf(typed, grammar), FormOf(typed, grammar));
    }

    private static IEnumerable<string> Faults(Cli.ParseResult typed, Grammar grammar, Verb? verb)
    {
        var faults = UsageFaults.In(typed, grammar);
        if (typed.IsGiven(grammar.Quiet) && typed.IsGiven(grammar.Verbose))
            faults = faults.Append($"{grammar.Quiet.Name}: cannot be combined with {grammar.Verbose.Name}");
        return faults.Concat(verb is null ? [$"no command; {Grammar.Program} --help lists them"] : verb.Faults(typed));
    }

    private static Verbosity VerbosityOf(Cli.ParseResult typed, Grammar grammar) =>
        typed.GetValue(grammar.Quiet) ? Verbosity.Quiet : typed.GetValue(grammar.Verbose) ? Verbosity.Verbose : Verbosity.Normal;

    private static ResultForm FormOf(Cli.ParseResult typed, Grammar grammar) =>
        typed.GetValue(grammar.Json) ? ResultForm.Json : ResultForm.Text;

    private static ParsedLine.Accepted Printing(string text) => new(new Command.Print(text), Verbosity.Normal, ResultForm.Text);
}
