using System.Text;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Diagnostics;
using Diffusion.Math.Predictions;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Images;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;
using Diffusion.Specs.Data;
using Diffusion.Specs.Training;
using static TorchSharp.torch;

namespace Diffusion.Specs.Host;

/// <summary>What shapes guidance, and labels beside a sample's own, as options of the commands.</summary>
public sealed class GuidanceVerbSpecs(GuidanceVerbSpecs.Runs runs) : IClassFixture<GuidanceVerbSpecs.Runs>, IDisposable
{
    private const string All = "--guidance 3 --guidance-interval 0.1,50 --guidance-schedule linear --guidance-rescale 0.5 --apg 0,5,-0.5 " +
        "--and odd:0.5 --not 0:0.2 --clipping dynamic:0.9:2 --label even --steps 3 --count 3";

    private readonly TemporaryFolder _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Samples_say_how_they_were_guided_and_are_drawn_again_to_the_pixel()
    {
        var answer = Succeeds(["sample", runs.Place["run"], "-o", _place["a.png"], "--json", .. All.Split(' ')]);
        var request = JsonNode.Parse(answer)!["request"]!;
        Assert.Equal("""{"low":0.1,"high":50}""", request["guidanceInterval"]!.ToJsonString());
        Assert.Equal("""{"parallel":0,"radius":5,"momentum":-0.5}""", request["projection"]!.ToJsonString());
        Assert.Equal(2, request["composition"]!.AsArray().Count);
        var notes = Encoding.Latin1.GetString(File.ReadAllBytes(_place["a.png"]));
        Assert.Contains("guidance\0w = 3 (s = 4), and 1 ", notes, StringComparison.Ordinal);
        Assert.Contains("schedule linear, projected (parallel 0, norm at most 5, momentum -0.5) where 0.1 < sigma/alpha <= 50, "
            + "rescaled by 0.5", notes, StringComparison.Ordinal);
        Succeeds("sample", runs.Place["run"], "-o", _place["b.png"], "--request", _place["a.png"]);
        Assert.Equal(Image("a.png"), Image("b.png"));
        Succeeds("sample", runs.Place["run"], "-o", _place["c.png"], "--request", _place["a.png"], "--apg", "1");
        Assert.NotEqual(Image("a.png"), Image("c.png"));
    }

    [Fact]
    public void Autoguidance_takes_an_earlier_checkpoint_and_needs_no_labels()
    {
        var earlier = runs.Place["plain/checkpoint/step-000000001"];
        Succeeds(
            "sample", runs.Place["plain"], "-o", _place["a.png"], "--autoguidance", earlier, "--guidance", "2", "--steps", "3",
            "--count", "2");
        var notes = Encoding.Latin1.GetString(File.ReadAllBytes(_place["a.png"]));
        Assert.Contains("guidance\0autoguidance w = 2 (s = 3)", notes, StringComparison.Ordinal);
        Assert.Contains("weaker model\0small, step 1, weights ", notes, StringComparison.Ordinal);
        Succeeds("sample", runs.Place["plain"], "-o", _place["b.png"], "--request", _place["a.png"]);
        Assert.Equal(Image("a.png"), Image("b.png"));
        Succeeds("sample", runs.Place["plain"], "-o", _place["c.png"], "--steps", "3", "--count", "2");
        Assert.NotEqual(Image("a.png"), Image("c.png"));
    }

    [Theory]
    [InlineData("run", "--guidance-interval 5,1", "--guidance-interval: 5,1 is not two noise levels, the lower first, such as 0.3,5")]
    [InlineData("run", "--apg 1,2,3", "--apg: 1,2,3 is not one to three numbers")]
    [InlineData("run", "--guidance-schedule 2:1,1:1", "--guidance-schedule: 2:1,1:1 is not linear")]
    [InlineData("run", "--clipping dynamic:2", "--clipping: dynamic:2 is not one of clip, none, dynamic")]
    [InlineData("run", "--guidance-rescale 2", "--guidance-rescale: 2 is not a number from 0 to 1")]
    [InlineData("run", "--blend 1:NaN", "--blend: 1:NaN is not labels such as 7 or 7:0.5, with a share from 0 to 1")]
    [InlineData("run", "--blend 1:2", "--blend: 1:2 is not labels such as 7 or 7:0.5, with a share from 0 to 1")]
    [InlineData("run", "--and 1:-Infinity", "--and: 1:-Infinity is not labels such as 7 or 7:0.5, with a weight above 0")]
    [InlineData("run", "--apg 0", "apg: found no guidance that it could shape; expected a weight w: --guidance W")]
    [InlineData("run", "--and 2", "label: found 2; expected one of the model's labels, 0 to 1 (even, odd)")]
    [InlineData("plain", "--and 1", "label: found and 1; expected none: the model is unconditional")]
    [InlineData("plain", "--guidance-rescale 1", "guidance rescale: found no guidance that it could shape; expected --autoguidance RUN")]
    [InlineData("plain", "--autoguidance RUN", "autoguidance: found a model of 2 classes; expected one without labels")]
    [InlineData("plain", "--autoguidance COSINE", "autoguidance: found a model over the noise schedule cosine (offset 0.008, ceiling "
        + "0.999), 1000 timesteps; expected one over linear (first 0.0001, last 0.02), 1000 timesteps, as the sampled model")]
    public void What_does_not_fit_is_refused_in_one_line(string run, string options, string says)
    {
        string[] words = [.. options.Split(' ').Select(word => 
            word == "RUN" ? runs.Place["run"] : word == "COSINE" ? runs.Place["cosine"] : word)];
        var (code, _, error) = Run(["sample", runs.Place[run], "-o", _place["no.png"], .. words]);
        Assert.Equal(ExitCode.Failure, code);
        Assert.StartsWith($"error: {says}", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.False(File.Exists(_place["no.png"]));
    }

    [Fact]
    public void Guidance_at_no_step_is_said()
    {
        string[] words = ["sample", runs.Place["run"], "-o", _place["a.png"], "--guidance", "2", "--steps", "3", "--count", "2"];
        Assert.Contains("guidance acts at no step: none is at 1000 < sigma/alpha <= 2000; the steps are at ",
            Run([.. words, "--guidance-interval", "1000,2000"]).Error, StringComparison.Ordinal);
        Assert.DoesNotContain("no step", Run([.. words, "--guidance-interval", "0,2000"]).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_schedule_of_guidance_takes_the_place_of_the_runs_own()
    {
        string[] few = ["--steps", "3", "--count", "2"];
        Succeeds(["sample", runs.Place["scheduled"], "-o", _place["own.png"], .. few]);
        Assert.Contains("guidance\0w = 100 (s = 101), schedule 0.3:0, 3:2",
            Encoding.Latin1.GetString(File.ReadAllBytes(_place["own.png"])), StringComparison.Ordinal);
        Succeeds(["sample", runs.Place["scheduled"], "-o", _place["a.png"], "--guidance-schedule", "constant", .. few]);
        Succeeds(["sample", runs.Place["run"], "-o", _place["b.png"], "--guidance", "100", .. few]);
        Assert.Equal(Image("b.png"), Image("a.png"));
        Assert.NotEqual(Image("own.png"), Image("a.png"));
    }

    [Fact]
    public void Vary_and_edit_take_the_options_too()
    {
        Succeeds("vary", runs.Place["run"], "apg", "1", "0,2", "--guidance", "3", "--steps", "2", "--count", "2", "-o", _place["v.png"]);
        Assert.Contains("apg 0,2", Encoding.Latin1.GetString(File.ReadAllBytes(_place["v.png"])), StringComparison.Ordinal);
        Succeeds("vary", runs.Place["run"], "and", "0", "1", "--steps", "2", "--count", "2", "-o", _place["w.png"]);
    }

    [Theory]
    [InlineData("""{"kind":"autoguidance","w":1}""", "an evaluation has no weaker model")]
    [InlineData("""{"kind":"composed","inner":{"kind":"none"},"others":[{"kind":"and","label":7}]}""", "there is no label 7")]
    public void A_recipe_whose_evaluations_cannot_be_guided_so_is_refused(string guidance, string says)
    {
        var changes = new RecipeChange("evaluation.guidance", guidance);
        Assert.Contains(says, Assert.Throws<RecipeException>(() => RecipeChanges.Apply(Small.Labelled, [changes])).Message,
            StringComparison.Ordinal);
    }

    private byte[] Image(string name) => [.. ImageDecoder.Decode(name, File.ReadAllBytes(_place[name])).Rgb];

    private static string Succeeds(params string[] words)
    {
        var (code, answer, error) = Run(words);
        Assert.True(code == ExitCode.Success, error);
        return answer;
    }

    private static (ExitCode Code, string Answer, string Error) Run(params string[] words)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var code = CommandLineApp.Run(
            [.. words, "--device", "cpu", "--threads", "1"], new(output, error, Display.Plain), CancellationToken.None);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>Models of a few weights: with labels, without, over another schedule, and with guidance of its own.</summary>
    public sealed class Runs : IDisposable
    {
        public Runs()
        {
            Train(Small.Labelled, "run");
            Train(Small.Recipe, "plain");
            Train(Small.Recipe with { Schedule = new NoiseSchedule.Cosine() }, "cosine", 1);
            Train(Small.Labelled, "scheduled", guidance: new Guidance.Scheduled(
                new Guidance.ClassifierFree(100), new GuidanceSchedule.Points([new(0.3, 0), new(3, 2)])));
        }

        internal TemporaryFolder Place { get; } = new();

        public void Dispose() => Place.Dispose();

        private void Train(Recipe recipe, string name, int steps = 3, Guidance? guidance = null)
        {
            using var images = Small.Images();
            recipe = recipe with
            {
                Data = recipe.Data with { Set = "folder", Size = 8, ClassNames = ["even", "odd"] },
                Evaluation = new()
                {
                    Spacing = new TimestepSpacing.Trailing(3),
                    GridImages = 4,
                    Guidance = guidance ?? new Guidance.None(),
                },
            };
            using var run = new TrainingRun(recipe, images, CPU);
            for (var step = 1; step <= steps; step++)
            {
                run.Advance();
                new CheckpointStore(Place[$"{name}/checkpoint"], 5).Save(run);
            }
        }
    }
}
