using Cli = System.CommandLine;

namespace Diffusion.Host.CommandLine;

/// <summary>Options and arguments whose values are read by a <see cref="TokenKind{T}"/>, which also says what is wrong with them.</summary>
internal static class Define
{
    /// <summary>An option with a value; <c>default</c> where it is not given.</summary>
    public static Cli.Option<T> Option<T>(string name, string placeholder, string description, TokenKind<T> kind) => new Cli.Option<T>(name)
    {
        HelpName = placeholder,
        Description = description,
        Arity = Cli.ArgumentArity.ExactlyOne,
        CustomParser = Reader(kind),
    }.Offering(kind);

    /// <summary>What reads an option's value.</summary>
    public static Func<Cli.Parsing.ArgumentResult, T> Reader<T>(TokenKind<T> kind) => result => Read(result, kind)!;

    /// <summary>An option that can be given several times.</summary>
    public static Cli.Option<T[]> Repeated<T>(string name, string placeholder, string description, TokenKind<T> kind)
        where T : class => new Cli.Option<T[]>(name)
        {
            HelpName = placeholder,
            Description = description,
            Arity = Cli.ArgumentArity.OneOrMore,
            CustomParser = result => [.. result.Tokens.Select(token => ReadToken(result, token.Value, kind)!)],
        }.Offering(kind);

    /// <summary>An option without a value.</summary>
    public static Cli.Option<bool> Flag(string name, string description) =>
        new(name) { Description = description, Arity = Cli.ArgumentArity.Zero };

    /// <summary>A value without a name.</summary>
    public static Cli.Argument<T> Argument<T>(string placeholder, string description, TokenKind<T> kind) => new Cli.Argument<T>(placeholder)
    {
        Description = description,
        CustomParser = Reader(kind),
    }.Offering(kind);

    /// <summary>At least one value without a name.</summary>
    public static Cli.Argument<T[]> Several<T>(string placeholder, string description, TokenKind<T> kind)
        where T : class => new Cli.Argument<T[]>(placeholder)
        {
            Description = description,
            Arity = Cli.ArgumentArity.OneOrMore,
            CustomParser = result => [.. result.Tokens.Select(token => ReadToken(result, token.Value, kind)!)],
        }.Offering(kind);

    /// <summary>Other names of the option: a letter after a single dash, which help shows, and former names, which it does not.</summary>
    public static TOption Also<TOption>(this TOption option, params ReadOnlySpan<string> names)
        where TOption : Cli.Option
    {
        foreach (var name in names)
            option.Aliases.Add(name);
        return option;
    }

    /// <summary>The name by which a person called the option; the whole name where it was a letter.</summary>
    public static string Typed(this Cli.Parsing.OptionResult option) =>
        option.IdentifierToken?.Value is { } name && name.StartsWith("--", StringComparison.Ordinal) ? name : option.Option.Name;

    /// <summary>The same of a line; the option's own name where it was not typed.</summary>
    public static string NameOf(this Cli.ParseResult typed, Cli.Option option) => typed.GetResult(option)?.Typed() ?? option.Name;

    /// <summary>Whether a person typed the option; the parser also reports flags that were not typed.</summary>
    public static bool IsGiven(this Cli.ParseResult typed, Cli.Option option) => typed.GetResult(option) is { Implicit: false };

    // Only these: System.CommandLine adds the names of enums.
    private static TSymbol Offering<TSymbol, T>(this TSymbol symbol, TokenKind<T> kind)
        where TSymbol : Cli.Symbol
    {
        var sources = symbol is Cli.Option option ? option.CompletionSources : ((Cli.Argument)(object)symbol).CompletionSources;
        sources.Clear();
        sources.Add(_ => kind.Offered.Select(word => new Cli.Completions.CompletionItem(word)));
        return symbol;
    }

    private static T? Read<T>(Cli.Parsing.ArgumentResult result, TokenKind<T> kind) =>
        result.Tokens is [.., var last] ? ReadToken(result, last.Value, kind) : default;

    private static T? ReadToken<T>(Cli.Parsing.ArgumentResult result, string token, TokenKind<T> kind)
    {
        if (!kind.TryRead(token, out var value))
            result.AddError((result.Parent is Cli.Parsing.OptionResult option ? $"{option.Typed()}: " : "") + kind.Fault(token));
        return value;
    }
}
