using System.Text;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Diagnostics;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using Diffusion.Specs.Data;
using Diffusion.Specs.Training;
using static TorchSharp.torch;

namespace Diffusion.Specs.Host;

public sealed class SteeringVerbSpecs : IDisposable
{
    private readonly TemporaryFolder _place = new();

    public SteeringVerbSpecs()
    {
        Train(Small.Recipe, "model");
        Train(Small.Classifier, "classifier");
    }

    private string Out => _place["sheet.png"];

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData("--steps 4 --sampler ddim", "score, for there is no noise at the end of every step: Algorithm 2")]
    [InlineData("--steps 4 --sampler ddpm", "mean shift, for every step ends in noise: Algorithm 1")]
    [InlineData("--steps 4 --sampler ddpm --classifier-form score", "score: Algorithm 2")]
    public void A_sheet_says_which_classifier_steered_it_and_how(string options, string form)
    {
        var (code, answer, _) = Run($"{options} --classifier {_place["classifier"]} --scale 3 --count 4");
        Assert.Equal(ExitCode.Success, code);
        var notes = Encoding.Latin1.GetString(File.ReadAllBytes(Out));
        Assert.Contains($"classifier form\0{form}", notes, StringComparison.Ordinal);
        Assert.Contains("classifier guidance\0s = 3", notes, StringComparison.Ordinal);
        Assert.Contains("classifier\0small-classifier, step 3, weights ", notes, StringComparison.Ordinal);
        Assert.Contains("labels\0all in turn", notes, StringComparison.Ordinal);
        Assert.Contains("classifier guidance s = 3", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("none", false)]
    public void A_sampler_that_does_not_clip_clips_beside_a_classifier_unless_it_was_asked_not_to(string? asked, bool clips)
    {
        using var model = TrainedModel.Open(_place["model"], CPU, Assert.Fail);
        Clipping none = new Clipping.None();
        SamplingRequest request = new()
        {
            Sampler = new Sampler.UniPc(2, new SolverVariable.Data(), UniPcBasis.Exponential, Ending.LowerOrderFinal, none),
            Steps = 3,
            Clipping = asked is null ? null : none,
        };
        using var steered = new ModelSampler(model, request with { Classifier = new(_place["classifier"]) });
        Assert.Equal(clips, steered.Request.Clipping is Clipping.Clip);
        Assert.Equal(clips, steered.Provenance().Any(fact => fact.Name == "clipping"));
        using var alone = new ModelSampler(model, request);
        Assert.False(alone.Request.Clipping is Clipping.Clip);
    }

    [Fact]
    public void A_classifier_is_exported_as_a_small_run_that_steers_as_well()
    {
        var error = new StringWriter();
        var run = Path.Combine(_place.Path, "classifier-run");
        new CheckpointStore(Path.Combine(run, CheckpointStore.FolderName)).Save(new NoisyClassifier(
            ((Goal.Classify)Small.Classifier.Goal).Shape(Small.Classifier), new(1)), Small.Classifier, 3);
        File.WriteAllText(Path.Combine(run, "recipe.json"), RecipeText.Write(Small.Classifier));
        var small = Path.Combine(_place.Path, "small");
        Assert.True(CommandLineApp.Run(["export", run, small, "--to", "run"],
            new(TextWriter.Null, error, Display.Plain), CancellationToken.None) == ExitCode.Success, error.ToString());
        using var classifier = TrainedClassifier.Open(small, CPU, Assert.Fail);
        Assert.Equal((Small.Classifier, 3), (classifier.Recipe, classifier.Updates));
        Assert.Equal(ExitCode.Success, Run($"--steps 2 --sampler ddpm --classifier {small} --count 2").Code);
    }

    [Fact]
    public void The_label_reaches_the_classifier()
    {
        using var scope = NewDisposeScope();
        using var model = TrainedModel.Open(_place["model"], CPU, Assert.Fail);
        using var classifier = TrainedClassifier.Open(_place["classifier"], CPU, Assert.Fail);
        var ancestral = new Sampler.Ancestral(new Math.Predictions.Variance.Small(), new Clipping.Clip());
        var four = new SamplingRequest { Sampler = ancestral, Steps = 4 };
        SamplingRequest Guided(double scale) => four with { Classifier = new(_place["classifier"], scale) };
        float[] Draw(long? label, double scale)
        {
            var request = Guided(scale) with { Labels = label is { } one ? new SampleLabels.One(one) : null };
            return new ModelSampler(model, request, new() { Classifier = classifier }).Draw(2).data<float>().ToArray();
        }

        Assert.Equal(Draw(0, 0), Draw(1, 0));
        Assert.NotEqual(Draw(0, 1000), Draw(1, 1000));
        Assert.Equal(Draw(null, 1000)[..64], Draw(0, 1000)[..64]);
        using var opened = new ModelSampler(model, Guided(1000));
        Assert.Equal([0L, 1L], opened.LabelsInTurn!);
        using var own = opened.Draw(2);
        Assert.Equal(Draw(null, 1000), own.data<float>().ToArray());
    }

    [Fact]
    public void What_does_not_fit_is_one_line_and_no_file()
    {
        Train(Small.Classifier with { Schedule = new NoiseSchedule.Cosine() }, "cosine");
        Train(Small.Labelled, "labelled");
        var steered = $"--classifier {_place["classifier"]}";
        (string Options, string Reason)[] faults =
        [
            ("--scale 3", "--scale: requires --classifier; did you mean --guidance-scale or --zoom?"),
            ("--classifier-scale 3", "--classifier-scale: requires --classifier"),
            ($"--classifier {_place["model"]}", "model: found a model that makes images; expected a classifier of noisy images"),
            ($"--classifier {_place["none"]}", "none: found no such file or folder"),
            ($"--classifier {_place["cosine"]}", "classifier: found a classifier for the noise schedule cosine (offset 0.008"),
            ($"{steered} --label 2", "label: found 2; expected one of the classifier's labels, 0 to 1"),
            ($"{steered} --sampler ddim --steps 4 --classifier-form mean", "classifier form: found No step of ddim ends in noise"),
            ("--label 1", "label: found 1; expected none: the model is unconditional"),
        ];
        foreach (var (options, reason) in faults)
        {
            var (code, _, error) = Run(options);
            Assert.Equal(ExitCode.Failure, code);
            Assert.Contains(reason, Assert.Single(error.TrimEnd().Split('\n'), line => line.StartsWith("error", StringComparison.Ordinal)),
                StringComparison.Ordinal);
            Assert.False(File.Exists(Out));
        }
    }

    private (ExitCode Code, string Answer, string Error) Run(string options)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var code = CommandLineApp.Run(["sample", _place["model"], "-o", Out, "--device", "cpu", "--threads", "1", .. options.Split(' ')],
            new(output, error, Display.Plain), CancellationToken.None);
        return (code, output.ToString(), error.ToString());
    }

    private void Train(Recipe recipe, string name)
    {
        using var images = Small.Images();
        var small = recipe with { Data = recipe.Data with { Set = "folder", Size = 8 } };
        using var run = new TrainingRun(small, images, CPU);
        while (run.Updates < 3)
            run.Advance();
        new CheckpointStore(Path.Combine(_place[name], CheckpointStore.FolderName)).Save(run);
    }
}
