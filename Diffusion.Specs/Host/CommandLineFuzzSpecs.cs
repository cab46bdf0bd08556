using Diffusion.Host.Commands;

namespace Diffusion.Specs.Host;

/// <summary>Command lines that nobody means: every one of them is a command, or a line that says why it is none.</summary>
public sealed class CommandLineFuzzSpecs
{
    private static readonly string[] Odd =
    [
        "", " ", "-", "--", "---", "=", "=x", "-1", "0", "1e999", "NaN", "9223372036854775808", "\0", "\n", "a\nb", "\u001b[31m",
        "\u202e", "\ud800",
        "ä", "x=", "a.b=", "--=", "--seed=", "-o", "-o=", "@file", "/dev/null/x", "guidance", "samplers", "run", "model.json", "1,2,",
        "0:1", "\\", "'", "\"",
    ];

    private static readonly Grammar Words = new();

    [Fact]
    public void Every_command_with_too_few_or_too_many_odd_words()
    {
        foreach (var verb in Words.Verbs)
        {
            Parse(verb.Name);
            foreach (var word in Odd)
            {
                Parse(verb.Name, word);
                Parse(verb.Name, word, word);
                Parse(verb.Name, "run", word, "other");
                Parse(word, verb.Name);
            }
        }
    }

    [Fact]
    public void Every_option_without_a_value_with_an_odd_one_and_twice()
    {
        foreach (var verb in Words.Verbs)
            foreach (var option in verb.Options.Select(option => option.Name))
            {
                Parse(verb.Name, option);
                Parse(verb.Name, option, option);
                Parse(verb.Name, "run", option);
                foreach (var word in Odd)
                {
                    Parse(verb.Name, option, word);
                    Parse(verb.Name, $"{option}={word}");
                    Parse(verb.Name, "run", "run", option, word, option, word);
                }
            }
    }

    [Property(MaxTest = 2000)]
    public void Any_words_of_the_language_in_any_order(int seed)
    {
        var random = new Random(seed);
        var verb = Words.Verbs[random.Next(Words.Verbs.Count)];
        string[] known = [.. verb.Options.Select(option => option.Name), .. Odd, .. Words.Verbs.Select(other => other.Name), "quick", "cpu",
            "ddim", "3", "0.5", "a.json", "a.npz"];
        Parse([verb.Name, .. Enumerable.Range(0, random.Next(8)).Select(_ => known[random.Next(known.Length)])]);
    }

    [Theory]
    [InlineData("sweep", "sweep: needs guidance|samplers")]
    [InlineData("sweep guidance", "sweep: needs RUN")]
    [InlineData("sweep guidnace run", "guidnace is not one of guidance, samplers; did you mean guidance?")]
    [InlineData("sweep run", "run is not one of guidance, samplers")]
    [InlineData("sweep --w 3", "sweep: needs guidance|samplers")]
    public void What_is_missing_or_wrong_is_named_before_the_words_are_compared(string line, string reason) =>
        Assert.Equal(reason, Assert.IsType<ParsedLine.Refused>(CommandParser.Parse(line.Split(' '))).Reason);

    private static void Parse(params string[] words)
    {
        if (CommandParser.Parse(words, () => Words) is not ParsedLine.Refused { Reason: var reason })
            return;
        Assert.NotEmpty(reason);
        Assert.DoesNotContain(reason, char.IsControl);
        Assert.DoesNotContain("(Parameter", reason, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", reason, StringComparison.Ordinal);
    }
}
