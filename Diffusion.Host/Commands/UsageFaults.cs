using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>What is wrong with a command line, word by word, in sentences that name the word.</summary>
internal static class UsageFaults
{
    /// <summary>The faults, the most telling first; empty for a line that can be used.</summary>
    /// <remarks>Lazy: only the first is ever shown, and a fault may make a later look at the values impossible.</remarks>
    public static IEnumerable<string> In(Cli.ParseResult typed, Grammar grammar) =>
        Disguised(typed).Select(word => UnknownOption(word, typed, grammar))
            .Concat(typed.Errors.Select(error => Sentence(error, typed)).OfType<string>())
            .Concat(Unmatched(typed, grammar));

    // System.CommandLine takes an option that it does not know for the value of an argument.
    // (A file called -x can be written ./-x; -1 is a number.)
    private static IEnumerable<string> Disguised(Cli.ParseResult typed) =>
        typed.CommandResult.Command.Arguments
            .Select(argument => typed.GetResult(argument))
            .SelectMany(result => result?.Tokens ?? [])
            .Select(token => token.Value)
            .Where(word => word.StartsWith('-') && !(word.Length > 1 && char.IsAsciiDigit(word[1])));

    // Only the first: what follows an unknown word is usually its value.
    private static IEnumerable<string> Unmatched(Cli.ParseResult typed, Grammar grammar)
    {
        if (typed.UnmatchedTokens.Count == 0)
            yield break;
        var (word, command) = (typed.UnmatchedTokens[0], typed.CommandResult.Command);
        if (word.StartsWith('-'))
            yield return UnknownOption(word, typed, grammar);
        else if (command is CommandSyntax)
            yield return $"{word}: {command.Name} takes no such argument";
        else
            yield return $"{word}: no such command{Synonyms.Among(grammar.Verbs.SelectMany(Names), word)}";
    }

    private static string UnknownOption(string word, Cli.ParseResult typed, Grammar grammar)
    {
        var command = typed.CommandResult.Command;
        var name = word.Split('=', ':')[0];
        var known = command.Options.Concat(grammar.SharedOptions).Where(option => !option.Hidden).SelectMany(Names).ToList();
        var owner = command is CommandSyntax ? $"{command.Name} has no such option" : "no such option";
        return known.Any(option => option.Typed == name)
            ? $"{name}: belongs after {command.Name}"
            : $"{name}: {owner}{Synonyms.Among(known.Concat(command.Arguments.Select(argument => (argument.Name, argument.Name))), name)}";
    }

    // A former name leads to the present one.
    private static IEnumerable<(string Typed, string Meant)> Names(Cli.Symbol symbol) =>
        (symbol is Cli.Option option ? option.Aliases : ((Cli.Command)symbol).Aliases)
            .Prepend(symbol.Name).Select(name => (name, symbol.Name));

    private static string? Sentence(Cli.Parsing.ParseError error, Cli.ParseResult typed) => error.SymbolResult switch
    {
        Cli.Parsing.OptionResult { Tokens.Count: 0 } option when option.Option.Arity.MinimumNumberOfValues > 0 =>
            $"{option.Typed()}: needs a value, {option.Option.HelpName}",
        Cli.Parsing.OptionResult { IdentifierTokenCount: > 1 } option when option.Option.Arity.MaximumNumberOfValues == 1 =>
            $"{option.Typed()}: given more than once",
        Cli.Parsing.ArgumentResult { Tokens.Count: 0 } argument => $"{typed.CommandResult.Command.Name}: needs {argument.Argument.Name}",
        // Unknown words, and a command that is not there: said in better words elsewhere.
        Cli.Parsing.CommandResult => null,
        _ => error.Message,
    };
}
