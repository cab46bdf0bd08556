using System.Text.RegularExpressions;
using Diffusion.Host.Commands;

namespace Diffusion.Specs;

/// <summary>The page of figures names commands that there are.</summary>
public sealed partial class FiguresPageSpecs
{
    private static string Page => File.ReadAllText(Path.Combine(Repository.Root, "docs", "figures.md"));

    public static TheoryData<string> Commands() => [.. Line().Matches(Page).Select(match => match.Groups["line"].Value)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_command_on_the_page_is_understood(string line) =>
        Assert.IsType<ParsedLine.Accepted>(CommandParser.Parse(line.Split(' ')));

    [Fact]
    public void Every_row_of_a_table_has_a_command() =>
        Assert.All(
            Page.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)
                && !line.StartsWith("| Figure or", StringComparison.Ordinal)),
            row => Assert.Matches(Line(), row));

    // In the last column of a table.
    [GeneratedRegex(@"(?<=^\|.*\|.*)`(?<line>[^`]+)`(?=.*\|$)", RegexOptions.Multiline)]
    private static partial Regex Line();
}
