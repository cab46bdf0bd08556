using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;

namespace Diffusion.Specs.Host;

/// <summary>A file that is written is what its ending says, whatever the command.</summary>
public sealed class OutputOptionSpecs
{
    private static readonly string[] Endings =
        [".png", ".svg", ".gif", ".webp", ".jpg", ".pdf", ".csv", ".html", ".htm", ".npz", ".safetensors", ".txt", ".json", ""];

    public static TheoryData<string, string> Outputs()
    {
        var outputs = new TheoryData<string, string>();
        foreach (var verb in new Grammar().Verbs)
            foreach (var option in verb.Options.OfType<OutputOption>())
                outputs.Add(verb.Name, option.Name);
        return outputs;
    }

    [Fact]
    public void Every_option_that_writes_a_file_knows_its_endings() =>
        Assert.All(new Grammar().Verbs.SelectMany(verb => verb.Options), option => Assert.False(
            option is not OutputOption && option.Name is ("--out" or "--csv")
            && option.HelpName!.StartsWith("FILE", StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(Outputs))]
    public void An_ending_that_a_command_cannot_write_is_refused(string verb, string name)
    {
        var output = (OutputOption)new Grammar().Verbs.Single(known => known.Name == verb).Options.Single(option => option.Name == name);
        foreach (var ending in Endings)
        {
            var refused = (Parsed(verb, $"{name}=some{ending}") as ParsedLine.Refused)?.Reason;
            // What else is missing on such a line is another matter.
            var isEnding = refused?.StartsWith($"{name}: some{ending} is not a file ending in ", StringComparison.Ordinal) ?? false;
            Assert.Equal(!output.Endings.Contains(ending), isEnding);
        }
        Assert.StartsWith($"{name}: .png is not", ((ParsedLine.Refused)Parsed(verb, $"{name}=.png")).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("forward mnist -o x.jpg", "--out: x.jpg is not a file ending in .png or .svg")]
    [InlineData("report r -o x.png", "--out: x.png is not a file ending in .html or .htm")]
    [InlineData("stats mnist -o x", "--out: x is not a file ending in .npz")]
    [InlineData("sample r -o x.gif", "--out: x.gif is an animation, which requires --animation")]
    [InlineData("sample r --animation -o x.svg", "--animation: requires a .png, .gif or .webp file, not x.svg")]
    [InlineData("sample r --strip -o x.npz", "--strip: requires a .png or .svg file, not x.npz")]
    [InlineData("sample r --zoom 2 -o x/", "--zoom: requires a sheet or an animation, not x/")]
    [InlineData("sample r --zoom 65", "--zoom: 65 is not a whole number from 1 to 64")]
    public void What_a_refusal_says(string line, string reason) =>
        Assert.Equal(reason, ((ParsedLine.Refused)Parsed(line.Split(' '))).Reason);

    // Every argument that is needed, whatever it is: a word that is wrong comes after an ending that is.
    private static ParsedLine Parsed(params string[] words) =>
        CommandParser.Parse(words is [var verb, _] ? [verb, .. Needed(verb), words[1]] : words);

    private static string[] Needed(string verb) => verb switch
    {
        "fid" => ["mnist", "mnist"],
        "likelihood" or "edit" => ["r", "mnist"],
        "vary" => ["r", "eta", "0"],
        "features" or "stats" or "forward" => ["mnist"],
        _ => ["r"],
    };
}
