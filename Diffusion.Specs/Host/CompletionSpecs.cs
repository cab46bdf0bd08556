using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;

namespace Diffusion.Specs.Host;

/// <summary>What a shell is offered.</summary>
public sealed class CompletionSpecs
{
    [Theory]
    [InlineData("diffusion sam", "sample")]
    [InlineData("diffusion completion ", "bash fish pwsh zsh")]
    [InlineData("diffusion plan --sampler dpm++3", "dpm++3m dpm++3s")]
    [InlineData("diffusion forward --schedule cos", "cosine")]
    [InlineData("diffusion forward mni", "mnist mnist:test mnist:train")]
    [InlineData("diffusion train cifar10-h", "cifar10-hybrid")]
    [InlineData("diffusion forward mnist --zo", "--zoom")]
    [InlineData("diffusion forward mnist --si", "--size")]
    [InlineData("diffusion export runs/a out --to d", "diffusers")]
    [InlineData("diffusion sweep g", "guidance")]
    [InlineData("diffusion nonsense --", "--help --json --quiet --verbose --version")]
    public void A_line_goes_on_with(string line, string words) =>
        Assert.Equal(words.Split(' '), Suggested(line, line.Length).Order(StringComparer.Ordinal));

    [Fact]
    public void Former_names_are_not_offered()
    {
        var offered = Suggested("diffusion forward mnist --", 26);
        Assert.Contains("--size", offered);
        Assert.DoesNotContain("--side", offered);
    }

    [Fact]
    public void Where_a_file_is_meant_the_shell_is_left_to_look_for_it() => Assert.Empty(Suggested("diffusion report ", 17));

    [Fact]
    public void Only_what_stands_before_the_cursor_counts() =>
        Assert.Equal(["sample"], Suggested("diffusion sam --out x.png", "diffusion sam".Length));

    [Theory]
    [InlineData("[suggest]", "diffusion", true)]
    [InlineData("[suggest:999]", "diffusion", true)]
    [InlineData("[suggest:99999999999999999999]", "", true)]
    [InlineData("[suggest:x]", "diffusion", false)]
    [InlineData("suggest", "diffusion", false)]
    public void What_a_request_of_a_shell_is(string directive, string line, bool isOne)
    {
        Assert.Equal(isOne, CommandParser.Parse([directive, line]) is ParsedLine.Accepted { Command: Command.Suggest });
        if (isOne)
            _ = Suggested(directive, line);
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("pwsh")]
    public void Every_shell_has_a_script(string shell)
    {
        var script = Assert.IsType<Command.Print>(((ParsedLine.Accepted)CommandParser.Parse(["completion", shell])).Command);
        Assert.Contains("[suggest:", script.Text, StringComparison.Ordinal);
    }

    private static string[] Suggested(string line, int cursor) => Suggested($"[suggest:{cursor}]", line);

    private static string[] Suggested(string directive, string line)
    {
        using var output = new StringWriter { NewLine = "\n" };
        Assert.Equal(ExitCode.Success, CommandLineApp.Run([directive, line], new(output, TextWriter.Null, Display.Plain), default));
        return output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
