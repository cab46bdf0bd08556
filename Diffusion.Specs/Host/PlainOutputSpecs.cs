using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Math.Values;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Specs.Data;
using TorchSharp;

namespace Diffusion.Specs.Host;

/// <summary>Whatever a file holds, what reaches a terminal, a script or a log is plain text, in the lines that were meant.</summary>
public sealed class PlainOutputSpecs : IDisposable
{
    private const string Hostile = "\u001b[31mred\u001b]0;title\a\u009b2J\u202egpj\u2066\u200b\u007f\u0000 =cmd|' /C calc'!A0";
    private const string Broken = "two\r\nlines\u2028three";

    private readonly TemporaryFolder _place = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Names_of_tensors()
    {
        var file = _place["hostile.safetensors"];
        using (var tensor = torch.zeros(1))
            Safetensors.Write(file, [($"{Hostile}\n{Broken}", tensor)]);
        Assert.Equal(ExitCode.Success, Run("info", file));
        var lines = Plain(_output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Single(lines, line => line.Contains("[31mred", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.StartsWith("lines", StringComparison.Ordinal));

        _output.GetStringBuilder().Clear();
        Assert.Equal(ExitCode.Success, Run("info", file, "--json"));
        var json = Plain(_output);
        Assert.Single(json.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal($"{Hostile}\n{Broken}", (string)System.Text.Json.Nodes.JsonNode.Parse(json)!["tensors"]![0]!["name"]!);
    }

    [Fact]
    public void Cells_of_a_table()
    {
        Sequence<string> Row(string samples, string number) => [.. MeasuredRows.FieldNames.Select(_ => ""), samples, number];
        new ReportTable([.. MeasuredRows.FieldNames, "samples", $"fid{Hostile}"], [Row(Hostile + Broken, "1"), Row("plain", "-2")])
            .AppendTo(_place["table.csv"]);
        Assert.Equal(ExitCode.Success, Run("compare", _place["table.csv"]));
        Assert.Equal(3, Plain(_output).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void Fields_and_values_of_a_recipe()
    {
        var recipe = RecipeText.Write(BuiltInRecipes.Mnist.Quick);
        var quoted = System.Text.Json.JsonSerializer.Serialize(Hostile + Broken)[1..^1];
        foreach (var (index, text) in new[] { recipe.Replace("\"name\"", $"\"{quoted}\": 3, \"name\""),
            recipe.Replace("\"seed\": 0", $"\"seed\": \"{quoted}\""), "{" + Hostile }.Index())
        {
            File.WriteAllText(_place[$"{index}.json"], text);
            Refused("train", _place[$"{index}.json"], "--no-download");
        }
    }

    [Fact]
    public void Names_that_a_person_or_an_archive_gives()
    {
        Refused("info", _place.Path + "/" + Hostile.Replace("\0", ""));
        Refused("train", Hostile);
        Refused("fid", "a" + Hostile, Broken);
        Refused("plan", "--sampler", Broken);
        Refused(Hostile);
    }

    [Fact]
    public void An_error_is_a_line_of_less_than_400_characters_whose_end_is_there()
    {
        File.WriteAllText(_place["long.json"],
            RecipeText.Write(BuiltInRecipes.Mnist.Quick).Replace("\"name\"", $"\"{new string('x', 3000)}\": 3, \"name\""));
        var line = Refused("train", _place["long.json"], "--no-download");
        Assert.StartsWith($"error: {_place["long.json"]}: ", line);
        Assert.Contains(" … ", line);
        Assert.InRange(Refused("train", new string('y', 100_000)).Length, 300, 399);
    }

    [Fact]
    public void Lines_of_a_session_and_its_log()
    {
        var said = new List<string>();
        var session = new Session(
            new(_output, _error, Display.Plain), Verbosity.Verbose, ResultForm.Text, CancellationToken.None) { Record = said.Add };
        session.Say(Hostile);
        session.Detail(Broken);
        session.Warn(Hostile + Broken);
        session.Warn(new string('z', 1000));
        session.Answer($"one\n{Hostile}\n\n", []);
        var shown = Plain(_error).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(said, shown);
        Assert.Equal(4, shown.Length);
        Assert.Equal(2, Plain(_output).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void Whatever_else_is_written_to_the_console_in_whatever_pieces()
    {
        var writer = Terminal.Plain(_output);
        foreach (var character in "😀\u001b[1m\r\n")
            writer.Write(character);
        writer.Write("a\nb");
        writer.WriteLine("\u202e");
        writer.Write("ü\n".ToCharArray());
        Assert.Equal("😀\\u001B[1m\na\nb\\u202E\nü\n", _output.ToString().ReplaceLineEndings("\n"));
    }

    private string Refused(params string[] words)
    {
        _error.GetStringBuilder().Clear();
        Assert.Equal(ExitCode.Failure, Run(words));
        var line = Assert.Single(Plain(_error).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.InRange(line.Length, 8, 399);
        return line;
    }

    private ExitCode Run(params string[] words) => CommandLineApp.Run(words, new(_output, _error, Display.Plain), CancellationToken.None);

    private static string Plain(StringWriter writer)
    {
        var text = writer.ToString().ReplaceLineEndings("\n");
        Assert.DoesNotContain(text, character => character != '\n' && char.IsControl(character));
        Assert.DoesNotContain(text, character => character is '\u202e' or '\u2066' or '\u200b' or '\u2028');
        return text;
    }
}
