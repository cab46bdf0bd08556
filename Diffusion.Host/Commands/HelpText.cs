using System.Text;
using System.Text.RegularExpressions;
using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>Help as text: what a command does, command lines to try, and the options.</summary>
internal sealed partial class HelpText
{
    private readonly StringBuilder _text = new();
    private readonly int _width;

    private HelpText(int columns) => _width = WrappedText.Within(columns);

    /// <summary>The program's own: its commands.</summary>
    /// <param name="grammar">All commands.</param>
    /// <param name="columns">Width of the terminal; lines have 40 to 100 columns.</param>
    public static string OfProgram(Grammar grammar, int columns)
    {
        var help = new HelpText(columns);
        help.Paragraph(grammar.Root.Description!);
        help.Paragraph($"usage: {Grammar.Program} COMMAND [options]");
        foreach (var family in grammar.Families)
            help.Table(family.Title, [.. family.Verbs.Select(verb => (verb.Name, verb.Description!))]);
        help.Examples(grammar.FirstSteps);
        help.Table("options of every command", [.. grammar.SharedOptions.Append(grammar.Version).Select(Row)]);
        help.Paragraph($"{Grammar.Program} COMMAND --help explains a command.");
        return help.ToString();
    }

    /// <summary>One command's.</summary>
    /// <param name="verb">The command.</param>
    /// <param name="grammar">All commands.</param>
    /// <param name="columns">Width of the terminal; lines have 40 to 100 columns.</param>
    public static string Of(CommandSyntax verb, Grammar grammar, int columns)
    {
        var help = new HelpText(columns);
        help.Paragraph(verb.Description!);
        help.Paragraph($"usage: {Grammar.Program} {verb.Name}{string.Concat(verb.Arguments.Select(Usage))} [options]");
        foreach (var remark in verb.Remarks)
            help.Paragraph(remark);
        help.Examples(verb.Examples);
        help.Table("arguments", [.. verb.Arguments.Select(argument => (argument.Name, argument.Description!))]);
        help.Table("options", [.. verb.Options.Where(option => !option.Hidden).Concat(grammar.SharedOptions).Select(Row)]);
        foreach (var list in verb.Lists)
            help.Table(list.Title, list.Rows);
        return help.ToString();
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString().TrimEnd('\n');

    // Former names of options still work, and are not shown: only letters after a single dash are.
    private static (string, string) Row(Cli.Option option)
    {
        var letters = option.Aliases.Where(alias => !alias.StartsWith("--", StringComparison.Ordinal));
        var names = string.Join(", ", letters.Prepend(option.Name));
        return (option.HelpName is { } value ? $"{names} {value}" : names, option.Description!);
    }

    private static string Usage(Cli.Argument argument)
    {
        var name = argument.Arity.MaximumNumberOfValues > 1 ? $"{argument.Name}..." : argument.Name;
        return argument.Arity.MinimumNumberOfValues > 0 ? $" {name}" : $" [{name}]";
    }

    private void Paragraph(string text) => _text.AppendJoin('\n', Wrap(text, _width)).Append("\n\n");

    // What an example does stands beside it where that fits everywhere, else below it.
    private void Examples(Sequence<Example> examples)
    {
        var rows = examples.Select(example => (Line: $"{Grammar.Program} {example.Line}", example.Effect)).ToList();
        var title = rows.Count > 1 ? "examples" : "example";
        if (rows.Max(row => row.Line.Length) + rows.Max(row => row.Effect.Length) + 4 <= _width)
        {
            Table(title, [.. rows], _width);
            return;
        }
        _text.Append($"{title}:\n");
        foreach (var (line, effect) in rows)
        {
            var parts = line.Length + 2 <= _width ? [line]
                : WrappedText.OfWords(OptionsWithValues().Matches(line).Select(part => part.Value), _width - 8);
            _text.Append("  ").AppendJoin(" \\\n      ", parts).Append('\n');
            foreach (var part in Wrap(effect, _width - 6))
                _text.Append($"      {part}\n");
        }
        _text.Append('\n');
    }

    private void Table(string title, Sequence<(string Left, string Right)> rows) => Table(title, rows, _width * 2 / 5);

    // Two columns; where the first is too wide, the second goes below it.
    private void Table(string title, Sequence<(string Left, string Right)> rows, int widest)
    {
        if (rows.Count == 0)
            return;
        _text.Append($"{title}:\n");
        var left = Min(widest, rows.Max(row => row.Left.Length));
        foreach (var row in rows)
        {
            if (row.Left.Length > left)
                _text.AppendJoin('\n', Wrap(row.Left, _width - 2).Select(part => $"  {part}")).Append('\n');
            foreach (var (index, line) in Wrap(row.Right, _width - left - 4).Index())
                _text.Append($"  {(index == 0 && row.Left.Length <= left ? row.Left : "").PadRight(left)}  {line}\n");
        }
        _text.Append('\n');
    }

    // An option stays beside its value.
    [GeneratedRegex(@"--?[a-z]\S*( [^-\s]\S*)?|\S+")]
    private static partial Regex OptionsWithValues();

    private static IEnumerable<string> Wrap(string text, int width) => WrappedText.OfWords(text.Split(' '), width);
}
