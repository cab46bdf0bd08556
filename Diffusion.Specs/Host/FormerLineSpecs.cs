using Diffusion.Host.Commands;

namespace Diffusion.Specs.Host;

/// <summary>Command lines of before: every option that help has ever listed, and what it is called now where that differs.</summary>
public sealed class FormerLineSpecs
{
    private static readonly List<(string Former, string Present)> Lines =
        [.. File.ReadLines(Path.Combine(Repository.Golden, "former", "command-lines.txt"))
            .Select(line => line.Split(" => ")).Select(parts => (parts[0], parts[^1]))];

    [Fact]
    public void A_former_command_line_does_what_it_did() =>
        Assert.All(Lines, line => Assert.Equal(Accepted(line.Present), Accepted(line.Former)));

    [Fact]
    public void Help_and_hints_name_the_present_names_alone()
    {
        var renamed = Lines.Where(line => line.Former != line.Present).ToList();
        Assert.NotEmpty(renamed);
        foreach (var (former, present) in renamed)
        {
            var options = new Grammar().Verbs.Single(verb => verb.Name == present.Split(' ')[0]).Options.Select(option => option.Name);
            var now = present.Split(' ').Where(word => word.StartsWith("--", StringComparison.Ordinal));
            Assert.Empty(former.Split(' ').Where(word => word.StartsWith("--", StringComparison.Ordinal)).Except(now).Intersect(options));
        }
    }

    private static Command Accepted(string line) =>
        CommandParser.Parse(line.Split(' ')) switch
        {
            ParsedLine.Accepted accepted => accepted.Command,
            ParsedLine.Refused refused => throw new Xunit.Sdk.XunitException($"{line}: {refused.Reason}"),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
}
