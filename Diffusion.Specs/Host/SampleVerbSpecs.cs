using System.Text;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Diagnostics;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Images;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using Diffusion.Specs.Training;
using static TorchSharp.torch;

namespace Diffusion.Specs.Host;

public sealed class SampleVerbSpecs : IDisposable
{
    private static readonly Sampler Ddim = new Sampler.Ddim(0, new Clipping.Clip(), NoiseDirection.Rederived);

    private readonly string _folder = Directory.CreateTempSubdirectory("diffusion-sample-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_sheet_shows_the_samples_of_the_first_average_and_says_how_they_were_made()
    {
        using var run = Train(Small.Recipe, 3);
        var plan = Ddim.Plan(run.Recipe.Schedule, new TimestepSpacing.Leading(3));
        using var samples = run.WithEma(
            0, (UNet network) => new SamplingRun(plan, run.Recipe.Prediction, new Seed(5).For("samples")).Draw(network, [1, 8, 8], 5));
        var (code, answer, _) = Run("--sampler", "ddim", "--steps", "3", "--seed", "5", "--count", "5", "--batch", "2", "--json");
        Assert.Equal(ExitCode.Success, code);
        var expected = ImageGrid.Compose(samples, GridLayout.Of(3) with { Scale = 2 });
        Assert.Equal(expected.Rgb, Sheet().Rgb);
        (string, string)[] facts = [("recipe", "small"), ("step", "3"), ("sampler", "ddim 3"), ("plan", PlanHash.Of(plan)), ("seed", "5")];
        Assert.All(facts, fact => Assert.Equal(fact.Item2, JsonNode.Parse(answer)![fact.Item1]!.ToString()));
        Assert.Equal((3L, 5UL), ((long)JsonNode.Parse(answer)!["step"]!, (ulong)JsonNode.Parse(answer)!["seed"]!));
        Assert.All(facts, fact =>
            Assert.Contains($"{fact.Item1}\0{fact.Item2}", Encoding.Latin1.GetString(File.ReadAllBytes(Out)), StringComparison.Ordinal));
    }

    [Fact]
    public void A_strip_ends_with_the_samples()
    {
        Train(Small.Recipe, 1).Dispose();
        Run("--sampler", "ddim", "--steps", "4", "--count", "2");
        var samples = Sheet();
        Run("--sampler", "ddim", "--steps", "4", "--count", "2", "--strip");
        var strip = Sheet();
        // An image of 8×8 is enlarged twice on a sheet of samples and eightfold on a strip, where the rows end at the lower edge.
        const int cell = 68;
        for (var sample = 0; sample < 2; sample++)
            for (var row = 2 * sample; row < 2 * sample + 2; row++)
                for (var y = 0; y < 8; y++)
                    for (var x = 0; x < 8; x++)
                    {
                        var (left, top) = (strip.Width - cell + 8 * x, strip.Height - (4 - row) * cell + 8 * y);
                        Assert.Equal(samples.Row(2 + 2 * y)[3 * (2 + 18 * sample + 2 * x)], strip.Row(top)[3 * left]);
                    }
    }

    [Fact]
    public void Labels_and_guidance_are_stated_in_both_conventions()
    {
        Train(Small.Labelled, 1).Dispose();
        Assert.Equal(ExitCode.Success, Run("--steps", "2", "--count", "2", "--guidance", "3", "--label", "1").Code);
        var content = Encoding.Latin1.GetString(File.ReadAllBytes(Out));
        Assert.Contains("guidance\0w = 3 (s = 4)", content, StringComparison.Ordinal);
        Assert.Contains("labels\01", content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0ul, 0.0)]
    [InlineData(1ul, 0.0)]
    [InlineData(1ul, 3.0)]
    public void Labels_and_guidance_reach_the_network(ulong label, double strength)
    {
        using var run = Train(Small.Labelled, 4);
        var plan = Ddim.Plan(run.Recipe.Schedule, new TimestepSpacing.Leading(2));
        var expected = new SamplingRun(
            plan, run.Recipe.Prediction, new Seed(7).For("samples")) { Guidance = new Guidance.ClassifierFree(strength) };
        using var model = TrainedModel.Open(Path.Combine(_folder, "run"), CPU, _ => Assert.Fail());
        using var direct = expected.Draw(model.Network, [1, 8, 8], 3, _ => (long)label);
        var two = new SamplingRequest { Sampler = Ddim, Steps = 2 };
        using var asked = new ModelSampler(model, two with { Labels = new SampleLabels.One((long)label), GuidanceW = strength }).Draw(3);
        using var inTurn = new ModelSampler(model, two).Draw(3);
        Assert.Equal(direct.data<float>().ToArray(), asked.data<float>().ToArray());
        Assert.NotEqual(inTurn.data<float>().ToArray(), asked.data<float>().ToArray());
    }

    [Fact]
    public void What_does_not_fit_the_model_is_one_line_and_no_file()
    {
        Train(Small.Recipe, 1).Dispose();
        (string[] Options, string Reason)[] faults =
        [
            (["--label", "1"], "label: found 1; expected none: the model is unconditional"),
            (["--guidance", "3"], "guidance: found w = 3 (s = 4); expected none: the model is unconditional"),
            (["--sampler", "ddpm-learned"], "sampler: found one that takes its variance from the network; expected one whose variance is " +
                "fixed, such as ddpm: the model has learned none of that kind"),
            (["--eta", "1"], "eta: found ddpm has no such setting; expected a sampler that has it: ddim, euler-ancestral"),
            (["--sampler", "heun", "--eta", "1"], "--eta: heun has no such setting; samplers that have it: ddim, euler-ancestral"),
            (["--order", "2"], "order: found ddpm has no such setting; expected a sampler that has it: "
                + "lms, dpm2m, dpm3m, dpm2s, dpm3s, dpm++2m, dpm++3m, dpm++2s, dpm++3s, sde-dpm++2m, unipc, unipc3"),
            (["--steps", "1001"], "sampler: found a mismatch: 1001 steps do not fit a schedule of 1000 levels; expected a sampler and " +
                "steps that fit the model's schedule"),
        ];
        foreach (var (options, reason) in faults)
            Assert.Equal((ExitCode.Failure, "", $"error: {reason}\n"), Run(options));
        Assert.False(File.Exists(Out));
    }

    [Fact]
    public void A_folder_without_a_run_is_distinguished_from_one_without_a_checkpoint()
    {
        var place = Path.Combine(_folder, "run");
        Assert.Equal($"error: {place}: found no such file or folder; expected the folder of a run or of a checkpoint\n", Run().Error);
        Directory.CreateDirectory(place);
        Assert.Equal($"error: {place}: found a folder without checkpoints; expected the folder of a run or of a checkpoint\n", Run().Error);
        Directory.CreateDirectory(Path.Combine(place, CheckpointStore.FolderName));
        Assert.Equal(
            $"error: {place}: found a run without an intact checkpoint; expected the folder of a run or of a checkpoint\n", Run().Error);
    }

    [Fact]
    public void A_class_is_named_in_one_line_of_text_that_does_nothing_whatever_its_name()
    {
        const string Odd = "red\nnext\u001b[2J";
        Train(Small.Labelled with { Data = Small.Labelled.Data with { ClassNames = ["even", Odd] } }, 1).Dispose();
        var (code, answer, error) = Run("--steps", "2", "--label", "1", "--count", "1");
        Assert.True(code == ExitCode.Success, error);
        Assert.EndsWith(@"labels red\u000Anext\u001B[2J", Assert.Single(answer.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
        Assert.Equal(Odd, JsonNode.Parse(Run("--steps", "2", "--label", "1", "--count", "1", "--json").Output)!["labels"]!.ToString());
        // A sheet of both classes, as files of XML that can hold no such character.
        foreach (var options in new string[][] { ["--count", "2", "-o", Path.Combine(_folder, "sheet.svg")],
            ["--count", "1", "--label", "1", "--animation", "-o", Path.Combine(_folder, "film.webp")] })
        {
            (code, _, error) = Run(["--steps", "2", .. options]);
            Assert.True(code == ExitCode.Success, error);
        }
        Assert.Contains(@">red\u000Anext\u001B[2J</text>", File.ReadAllText(Path.Combine(_folder, "sheet.svg")), StringComparison.Ordinal);
    }

    private string Out => Path.Combine(_folder, "sheet.png");

    private RgbImage Sheet() => ImageDecoder.Decode("sheet", File.ReadAllBytes(Out));

    private TrainingRun Train(Recipe recipe, int steps)
    {
        using var images = Small.Images();
        var run = new TrainingRun(recipe with { Data = recipe.Data with { Set = "folder", Size = 8 } }, images, CPU);
        for (var step = 0; step < steps; step++)
            run.Advance();
        new CheckpointStore(Path.Combine(_folder, "run", CheckpointStore.FolderName)).Save(run);
        return run;
    }

    private (ExitCode Code, string Output, string Error) Run(params string[] options)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var code = CommandLineApp.Run(
            [
                "sample", Path.Combine(_folder, "run"), "--device", "cpu", "--threads", "1",
                .. options.Contains("-o") ? Array.Empty<string>() : ["-o", Out], .. options,
            ],
            new(output, error, Display.Plain), CancellationToken.None);
        return (code, output.ToString(), error.ToString());
    }
}
