using System.Text;
using Diffusion.Host.Commands;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.CommandLine;

/// <summary>Help as text: what a command is for, a line to try, and the options.</summary>
internal static class HelpText
{
    private const int Width = 100;

    /// <summary>The program's own: its commands.</summary>
    public static string OfProgram(Grammar grammar)
    {
        var text = new StringBuilder($"{grammar.Root.Description}\n\n");
        text.Append($"usage: {Grammar.Program} COMMAND [options]").Append("\n\n");
        Table(text, "commands", [.. grammar.Verbs.Select(verb => (verb.Name, verb.Description!))]);
        Table(text, "examples", [.. grammar.Verbs.Select(verb => Row(verb.Examples[0]))]);
        Table(text, "every command takes", [.. grammar.SharedOptions.Append(grammar.Version).Select(Row)]);
        return text.Append($"{Grammar.Program} COMMAND --help explains a command.").ToString();
    }

    /// <summary>One command's.</summary>
    public static string Of(Verb verb, Grammar grammar)
    {
        var text = new StringBuilder($"{verb.Description}\n\n");
        text.Append($"usage: {Grammar.Program} {verb.Name}{string.Concat(verb.Arguments.Select(Usage))} [options]").Append("\n\n");
        foreach (var remark in verb.Remarks)
            text.AppendJoin('\n', Wrap(remark, Width)).Append("\n\n");
        Table(text, verb.Examples.Count > 1 ? "examples" : "example", [.. verb.Examples.Select(Row)]);
        Table(text, "arguments", [.. verb.Arguments.Select(argument => (argument.Name, argument.Description!))]);
        Table(text, "options", [.. verb.Options.Where(option => !option.Hidden).Concat(grammar.SharedOptions).Select(Row)]);
        foreach (var list in verb.Lists)
            Table(text, list.Title, list.Rows);
        return text.ToString().TrimEnd('\n');
    }

    private static (string, string) Row(Example example) => ($"{Grammar.Program} {example.Line}", example.Effect);

    private static (string, string) Row(Cli.Option option)
    {
        var words = option.HelpName is { } value ? $"{option.Name} {value}" : string.Join(", ", option.Aliases.Prepend(option.Name));
        return (words, option.Description!);
    }

    private static string Usage(Cli.Argument argument) =>
        argument.Arity.MinimumNumberOfValues > 0 ? $" {argument.Name}" : $" [{argument.Name}]";

    // Two columns; where the first is too wide for that, the second goes below it.
    private static void Table(StringBuilder text, string title, Sequence<(string Left, string Right)> rows)
    {
        if (rows.Count == 0)
            return;
        const int widest = 52;
        text.Append($"{title}:\n");
        var left = Min(widest, rows.Max(row => row.Left.Length));
        foreach (var row in rows)
        {
            var lines = Wrap(row.Right, Width - left - 4).ToList();
            if (row.Left.Length > left)
                text.Append($"  {row.Left}\n");
            foreach (var (index, line) in lines.Index())
                text.Append($"  {(index == 0 && row.Left.Length <= left ? row.Left : "").PadRight(left)}  {line}\n");
        }
        text.Append('\n');
    }

    private static IEnumerable<string> Wrap(string text, int width)
    {
        var line = "";
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = "";
            }
            line = line.Length == 0 ? word : $"{line} {word}";
        }
        yield return line;
    }
}
