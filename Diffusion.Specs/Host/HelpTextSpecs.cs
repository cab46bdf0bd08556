using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;

namespace Diffusion.Specs.Host;

public sealed class HelpTextSpecs
{
    private const int Usual = 80;

    public static TheoryData<string> Commands => [.. new Grammar().Verbs.Select(verb => verb.Name)];

    public static TheoryData<int, int> Terminals => new() { { 1, 40 }, { 40, 40 }, { 57, 57 }, { 80, 80 }, { 100, 100 }, { 250, 100 } };

    private static string Help(int columns, params string[] words)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var terminal = new Terminal(output, TextWriter.Null, Display.Plain) { Window = () => columns };
        CommandLineApp.Run([.. words, "--help"], terminal, CancellationToken.None);
        return output.ToString();
    }

    [Fact]
    public void The_program_explains_itself() => Golden.Project.Text(Help(Usual), "Help");

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_command_explains_itself(string command) => Golden.Project.Text(Help(Usual, command), $"Help.{command}");

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_example_is_a_command_line_that_is_accepted(string command)
    {
        foreach (var example in new Grammar().Verbs.Single(verb => verb.Name == command).Examples)
            Assert.IsType<ParsedLine.Accepted>(CommandParser.Parse(example.Line.Split(' ')));
    }

    [Fact]
    public void Every_first_step_is_a_command_line_that_is_accepted() =>
        Assert.All(new Grammar().FirstSteps, example => Assert.IsType<ParsedLine.Accepted>(CommandParser.Parse(example.Line.Split(' '))));

    // A single word that is longer than the line cannot be divided.
    [Theory]
    [MemberData(nameof(Terminals))]
    public void Help_is_as_wide_as_the_terminal_and_no_wider_than_a_hundred_columns(int columns, int width)
    {
        var pages = new Grammar().Verbs.Select(verb => Help(columns, verb.Name)).Prepend(Help(columns));
        Assert.All(pages.SelectMany(page => page.Split('\n')), line =>
            Assert.True(line.Length <= width || !line.Trim().Contains(' '), line));
    }

    [Fact]
    public void Defaults_are_written_as_everybody_writes_them() =>
        Assert.All(new Grammar().Verbs.SelectMany(verb => verb.Options), option =>
            Assert.DoesNotContain("without it", option.Description, StringComparison.Ordinal));
}
