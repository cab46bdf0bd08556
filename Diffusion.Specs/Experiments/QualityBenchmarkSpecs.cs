using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Model.Recipes;
using Diffusion.Specs.Host;

namespace Diffusion.Specs.Experiments;

public sealed class QualityBenchmarkSpecs : IDisposable
{
    private readonly SmallRun _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Recipes_see_the_same_number_of_images_and_their_rates_end_with_them()
    {
        var (code, answer, error) = Run("--recipe", Recipe, "--recipe", $"{Recipe},length.batch=1,optimiser.rate.peak=2e-3",
            "--images", "6", "--seeds", "2", "--json");

        Assert.True(code == ExitCode.Success, error);
        var results = JsonNode.Parse(answer)!["results"]!.AsArray();
        Assert.Equal([2L, 6], results.Select(row => row!["seeds"]![0]!["steps"]!.GetValue<long>()));
        Assert.All(results, row => Assert.Equal([3ul, 4], row!["seeds"]!.AsArray().Select(seed => seed!["seed"]!.GetValue<ulong>())));
        Assert.All(results, row => Assert.Equal([6L, 6], row!["seeds"]!.AsArray().Select(seed => seed!["images"]!.GetValue<long>())));
        Assert.All(results, row => Assert.True(row!["seeds"]![0]!["seconds"]!.GetValue<double>() > 0));
        Assert.Equal(
            results[0]!["seeds"]![0]!["flop"]!.GetValue<double>(), results[1]!["seeds"]![1]!["flop"]!.GetValue<double>());
        Assert.Equal(1, results[1]!["seeds"]![0]!["batch"]!.GetValue<int>());
        Assert.All(results, row => Assert.InRange(row!["seeds"]![0]!["samples"]!.GetValue<int>(), 20, 1000));
        Assert.True(File.Exists(_place.Place["sheets/1-small-seed-3.png"]));
    }

    [Fact]
    public void A_time_becomes_steps_by_the_pace_that_was_measured()
    {
        var (code, answer, error) = Run("--recipe", Recipe, "--minutes", "0.001", "--seeds", "1");

        Assert.True(code == ExitCode.Success, error);
        Assert.Matches(@"^recipe +seeds +steps +images +seconds +TFLOP +of peak\nrecipe 1 +1 +\d", answer);
        Assert.EndsWith($"\n\nrecipe 1: {Recipe}\n", answer);
    }

    [Fact]
    public void A_stopped_comparison_prints_what_is_done()
    {
        using var stopping = new CancellationTokenSource();
        var output = new StringWriter { NewLine = "\n" };
        var error = new Stopper(stopping);

        var code = CommandLineApp.Run(Words("--recipe", Recipe, "--images", "3", "--seeds", "1000"),
            new(output, error, Display.Plain), stopping.Token);

        Assert.Equal(ExitCode.Interrupted, code);
        Assert.Matches(@"recipe 1 +1 +1 +3 ", output.ToString());
    }

    [Theory]
    [InlineData("bench quality", "requires --recipe")]
    [InlineData("bench train --minutes 5", "--minutes: not an option of bench train")]
    [InlineData("bench quality --recipe mnist --minutes 5 --images 7", "--images: cannot be combined with --minutes")]
    [InlineData("bench quality --recipe mnist,length..batch=3", "a recipe and changes")]
    [InlineData("bench quality --recipe mnits", "mnist")]
    [InlineData("bench quality --recipe mnist --batch 3", "--batch: not an option of bench quality")]
    public void What_makes_no_comparison_is_refused(string line, string reason)
    {
        var error = new StringWriter();

        var code = CommandLineApp.Run(line.Split(' '), new(TextWriter.Null, error, Display.Plain), CancellationToken.None);

        Assert.Equal(ExitCode.Failure, code);
        Assert.Contains(reason, error.ToString(), StringComparison.Ordinal);
    }

    private string Recipe
    {
        get
        {
            // Long enough that the table has no room for it.
            var path = _place.Place[$"{new string('r', 40)}.json"];
            File.WriteAllText(path, RecipeText.Write(SmallRun.Recipe));
            return path;
        }
    }

    private (ExitCode Code, string Answer, string Error) Run(params string[] words)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var code = CommandLineApp.Run(Words([.. words, "--out", _place.Place["sheets/x"][..^2]]), new(output, error, Display.Plain),
            CancellationToken.None);
        return (code, output.ToString(), error.ToString());
    }

    private string[] Words(params string[] words) =>
    [
        "bench", "quality", .. words, "--count", "20", "--steps", "2", "--data", _place.Place["photos"], "--threads", "1",
        "--device", "cpu",
    ];

    // Stops when the first training is done.
    private sealed class Stopper(CancellationTokenSource stopping) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            if (value?.Contains("seed 3: ", StringComparison.Ordinal) == true)
                stopping.Cancel();
        }
    }
}
