using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;

namespace Diffusion.Specs.Host;

public sealed class HelpTextSpecs
{
    private const int Widest = 100;

    public static TheoryData<string> Commands => [.. new Grammar().Verbs.Select(verb => verb.Name)];

    private static string Help(params string[] words) =>
        Assert.IsType<Command.Print>(Assert.IsType<ParsedLine.Accepted>(CommandParser.Parse([.. words, "--help"])).Command).Text;

    [Fact]
    public void The_program_explains_itself() => Golden.Project.Text(Help() + "\n", "Help");

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_command_explains_itself(string command) => Golden.Project.Text(Help(command) + "\n", $"Help.{command}");

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_example_is_a_command_line_that_is_accepted(string command)
    {
        foreach (var example in new Grammar().Verbs.Single(verb => verb.Name == command).Examples)
            Assert.IsType<ParsedLine.Accepted>(CommandParser.Parse(example.Line.Split(' ')));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Help_fits_on_a_terminal(string command) =>
        Assert.All(Help(command).Split('\n'), line => Assert.InRange(line.Length, 0, Widest));
}
