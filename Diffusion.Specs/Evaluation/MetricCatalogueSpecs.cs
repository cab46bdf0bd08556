using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Measuring;
using Diffusion.Host.Sweeps;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using Diffusion.Model.Runs;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using Diffusion.Specs.Data;
using Diffusion.Specs.Training;
using static TorchSharp.torch;

namespace Diffusion.Specs.Evaluation;

/// <summary>A metric is one file: once it is in a catalogue it is measured in training, by <c>fid</c> and by sweeps.</summary>
public sealed class MetricCatalogueSpecs : IDisposable
{
    private static readonly MetricCatalogue WithToy = MetricCatalogue.Known.With(new ToyMetric());

    private readonly TemporaryFolder _place = new();
    private readonly ImageSet _digits = Dataset.Mnist.Sample(Split.Test)
        .Pick([.. Enumerable.Range(0, 100)], Dataset.Mnist.Describe(Split.Test, "a spec"));

    public void Dispose()
    {
        _digits.Dispose();
        _place.Dispose();
    }

    [Fact]
    public void A_metric_of_the_catalogue_is_a_column_of_evaluations_during_training()
    {
        using var meter = DistanceMeters.For(new(_digits, null, ""), WithToy.Of(["toy", "fid"]), null, CPU, null);
        Assert.Equal(["fd_lenet", "toy_lenet"], meter.Columns);
        using var samples = zeros(7, 1, 28, 28);
        Assert.Equal(new MetricValue("toy_lenet", 107), meter.Measure(samples, _ => null)[1]);
        var recipe = Small.Recipe with { Evaluation = Small.Recipe.Evaluation with { Metrics = ["fid", "precision-recall"] } };
        Assert.Equal(["fid", "precision-recall"], DistanceMeters.MetricsOf(recipe).Select(metric => metric.Name));
        string Refusal(params Sequence<string> metrics) => Assert.Throws<InputException>(
            () => DistanceMeters.MetricsOf(recipe with { Evaluation = recipe.Evaluation with { Samples = 3, Metrics = metrics } })).Message;
        Assert.Contains(
            "evaluation.metrics: found accuracy, and a model that knows no labels", Refusal("fid", "accuracy"), StringComparison.Ordinal);
        Assert.Contains(
            "evaluation.samples: found 3; expected at least 4 for precision-recall", Refusal("precision-recall"), StringComparison.Ordinal);
        var unknown = recipe with { Evaluation = recipe.Evaluation with { Metrics = ["toy"] } };
        Assert.StartsWith(
            "evaluation.metrics: found 'toy' is no metric; there are fid, kid, inception-score,",
            Assert.Throws<InputException>(() => DistanceMeters.MetricsOf(unknown)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_metric_of_the_catalogue_is_an_option_of_fid()
    {
        var verb = new FidSyntax(WithToy);
        var option = Assert.Single(verb.Options, option => option.Name == "--toy");
        Assert.Equal("also counts images", option.Description);
        var command = Assert.IsType<Command.Fid>(
            verb.Read(verb.Parse(["mnist:test", "mnist:test", "--toy", "--features", "lenet", "--no-download"])));
        Assert.Equal(["fid", "toy"], command.Options.Metrics.Select(metric => metric.Name));
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var session = new Session(new(output, error, Display.Plain), Verbosity.Quiet, ResultForm.Text, CancellationToken.None);
        var compared = new MeasuringSession(session, command.Options).Compare(command.Reference, command.Samples);
        Assert.Equal(2000, compared.Measurement["toy_lenet"]);
        Assert.Contains("toy_lenet", MeasurementText.Table(compared), StringComparison.Ordinal);
    }

    [Fact]
    public void A_metric_of_the_catalogue_can_be_asked_of_a_sweep()
    {
        var verb = new SweepSyntax(WithToy);
        var asked = Assert.IsType<Command.Sweeping>(verb.Read(verb.Parse(["samplers", "run", "--metric", "toy", "--metric", "fid"])));
        Assert.Equal(["fid", "toy"], asked.Options.Metrics.Select(metric => metric.Name));

        using var model = Trained();
        var kind = new SweepKind.Samplers([Diffusion.Math.Samplers.SamplerCatalogue.Find("ddim")!], [2]);
        using var sweep = new Sweep(kind, model, new SamplingRequest(), 20, _place["sweep"], asked.Options.Metrics);
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        using var network = FeatureExtractor.LeNet(CPU);
        var found = sweep.Run(new(new(output, error, Display.Plain), Verbosity.Quiet, ResultForm.Text, CancellationToken.None), network,
            new(_digits, null, ""));
        Assert.Equal(120, Assert.Single(found.Rows)["toy_lenet"]);
        Assert.Contains("toy_lenet", ReportTable.Read(_place["sweep/samplers.csv"]).Columns);
    }

    [Fact]
    public void A_sweep_and_an_evaluation_give_the_same_number_of_the_same_samples()
    {
        using var model = Trained();
        using var sampler = new ModelSampler(model, new() { Steps = 2 });
        using var network = FeatureExtractor.LeNet(CPU);
        using var drawn = sampler.Draw(20);
        var all = MetricCatalogue.OfSweeps.Where(metric => !metric.NeedsLabels).ToSequence();
        var alone = Measurement.Of(network, Digits, new EvaluationInput.OfModel(sampler, 20, "samples"), new FrechetMetric());
        var among = Measurement.Of(network, Digits, new EvaluationInput.OfTensor(drawn), [.. all, new KernelMetric()]);
        Assert.Equal(alone["fd_lenet"], among["fd_lenet"]);
    }

    private EvaluationInput.OfOneSize Digits => new(_digits, "digits");

    private TrainedModel Trained()
    {
        using var run = new TrainingRun(
            Small.Recipe with { Data = Small.Recipe.Data with { Set = "mnist", Augmentation = Augmentation.None } }, _digits, CPU);
        run.Advance();
        new CheckpointStore(Path.Combine(_place["run"], CheckpointStore.FolderName)).Save(run);
        return TrainedModel.Open(_place["run"], CPU, _ => Assert.Fail());
    }

    private sealed record ToyMetric : Metric
    {
        public override string Name => "toy";

        public override string Summary => "counts images";

        public override Sequence<Accumulation> OfSamples => [new KeptVectors()];

        public override Sequence<string> Columns(ExtractorIdentity features, int classes) => [features.NameOf("toy")];

        public override MetricNumbers Between(FeatureSet reference, FeatureSet samples) =>
            new([(reference.Fit.Count ?? 0) + samples.Of(new KeptVectors()).Count]);
    }
}
