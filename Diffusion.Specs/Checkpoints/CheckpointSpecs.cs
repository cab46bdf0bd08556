using Diffusion.Math.Json;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;
using Diffusion.Specs.Training;
using static TorchSharp.torch;

namespace Diffusion.Specs.Checkpoints;

public sealed class CheckpointSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("diffusion-checkpoint-").FullName;
    private readonly ImageSet _images = Small.Images();

    public void Dispose()
    {
        _images.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(1, 0, Precision.Float32)]
    [InlineData(5, 0, Precision.Float32)]
    [InlineData(11, 4, Precision.Float32)]
    [InlineData(5, 4, Precision.Bfloat16)]
    public void Stopping_and_resuming_changes_no_bit_of_the_result(int stop, int microBatch, Precision precision) =>
        Resumed(Small.Labelled with { Precision = precision, Length = Small.Labelled.Length with { MicroBatch = microBatch } }, stop);

    [Theory]
    [InlineData(1, 0, Precision.Float32)]
    [InlineData(7, 4, Precision.Float32)]
    [InlineData(5, 0, Precision.Bfloat16)]
    public void A_classifier_that_is_stopped_and_resumed_is_the_same_too(int stop, int microBatch, Precision precision) =>
        Resumed(Small.Classifier with { Precision = precision, Length = Small.Classifier.Length with { MicroBatch = microBatch } }, stop);

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void A_run_with_Muon_that_is_stopped_and_resumed_is_the_same_too(int stop) =>
        Resumed(Small.Labelled with { Optimiser = Small.Labelled.Optimiser with { Matrices = new MatrixUpdate.Muon() } }, stop);

    [Fact]
    public void Sampling_and_reporting_in_between_changes_no_bit_of_the_result()
    {
        using var plain = Run(Small.Recipe, 12);
        using var busy = Run(Small.Recipe, 6);
        busy.CloseEpoch();
        busy.WithEma(0, (UNet network) => network.call(zeros(1, 1, 8, 8), ones(1), null).sum().item<float>());
        random.manual_seed(99);
        while (busy.Updates < 12)
            busy.Advance();
        Assert.Equal(plain.Arena.Values.data<float>().ToArray(), busy.Arena.Values.data<float>().ToArray());
    }

    [Fact]
    public void The_average_loads_into_a_network_of_its_own()
    {
        using var run = Run(Small.Recipe, 3);
        Checkpoint.Save(run, Path.Combine(_folder, "saved"), null);
        using var network = new UNet(Small.Network, new Seed(5));
        Checkpoint.LoadEma(network, Path.Combine(_folder, "saved"), 0);
        var expected = run.WithEma(0, (UNet own) => own.parameters().Select(parameter => parameter.clone()).ToArray());
        Assert.All(network.parameters().Zip(expected), pair =>
            Assert.True(pair.First.detach().equal(pair.Second.detach()).all().item<bool>()));
    }

    [Fact]
    public void A_classifier_opens_as_such_and_a_model_as_such()
    {
        using (var model = Run(Small.Recipe, 1))
            Checkpoint.Save(model, Path.Combine(_folder, "model"), null);
        using var run = Run(Small.Classifier, 3);
        Checkpoint.Save(run, Path.Combine(_folder, "classifier"), null);
        using var classifier = TrainedClassifier.Open(Path.Combine(_folder, "classifier"), CPU, Assert.Fail);
        Assert.Equal((Small.Classifier, 3, false), (classifier.Recipe, classifier.Updates, classifier.Network.training));
        var expected = run.WithEma(0, (NoisyClassifier own) => own.call(ones(1, 1, 8, 8), ones(1)).data<float>().ToArray());
        Assert.Equal(expected, classifier.Network.call(ones(1, 1, 8, 8), ones(1)).data<float>().ToArray());
        var refusal = Assert.Throws<InputException>(() => TrainedModel.Open(Path.Combine(_folder, "classifier"), CPU, Assert.Fail));
        Assert.Contains("found a classifier, which makes no images", refusal.Message, StringComparison.Ordinal);
        refusal = Assert.Throws<InputException>(() => TrainedClassifier.Open(Path.Combine(_folder, "model"), CPU, Assert.Fail));
        Assert.Contains("found a model that makes images", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recipe_is_read_back_from_its_text() =>
        Assert.Equal(Small.Labelled, UnionJson.Read<Recipe>(UnionJson.Write(Small.Labelled)));

    [Fact]
    public void A_torn_or_edited_checkpoint_is_recognised_and_the_one_before_it_is_used()
    {
        var store = new CheckpointStore(_folder);
        using var run = Run(Small.Recipe, 1);
        var first = store.Save(run);
        run.Advance();
        var second = store.Save(run);
        using (var file = File.OpenWrite(Path.Combine(second, "weights.safetensors")))
        {
            file.Position = file.Length - 3;
            file.WriteByte(77);
        }
        var warnings = new List<string>();
        Assert.Equal(first, store.Latest(warnings.Add));
        Assert.Contains("hash differs", Assert.Single(warnings));

        File.WriteAllText(Path.Combine(first, Checkpoint.HeaderName), "{ \"format\": 1");
        Assert.Null(store.Latest(warnings.Add));
        Assert.Throws<InvalidFileException>(() => Checkpoint.Read(first));
        run.Advance();
        Assert.Equal(store.Save(run), store.Latest(warnings.Add));
    }

    [Fact]
    public void Sampling_needs_one_average_and_hashes_that_file_alone_and_once()
    {
        var store = new CheckpointStore(_folder);
        using (var run = new TrainingRun(Small.Recipe, _images, CPU))
        {
            run.Advance();
            store.Save(run);
        }
        var place = Path.Combine(_folder, "step-000000001");
        File.WriteAllText(Path.Combine(place, "optimiser.safetensors"), "torn");
        File.Delete(Path.Combine(place, "average-1.safetensors"));
        var hashed = HashedBy(() => TrainedModel.Open(place, CPU, Assert.Fail).Dispose());
        Assert.Equal([Path.Combine(place, "average-0.safetensors")], hashed);
        Assert.Null(store.Latest(_ => { }));
    }

    [Fact]
    public void Going_on_hashes_every_file_once_and_draws_no_weight_that_it_replaces()
    {
        var store = new CheckpointStore(_folder);
        using var run = new TrainingRun(Small.Recipe, _images, CPU);
        run.Advance();
        var place = store.Save(run);
        using var again = TrainingRun.Unfilled(Small.Recipe, _images, CPU);
        Assert.All(again.Network.named_parameters().Where(item => item.name.EndsWith("conv1.weight", StringComparison.Ordinal)),
            item => Assert.All(item.parameter.data<float>(), weight => Assert.Equal(0, weight)));
        var hashed = HashedBy(() => Checkpoint.Restore(again, store.Open(CheckpointUse.Resume, Assert.Fail)!));
        Assert.Equal(Checkpoint.ReadHeader(place).Files.Select(file => Path.Combine(place, file.Name)), hashed);
        run.Advance();
        again.Advance();
        Assert.Equal(run.Arena.Values.data<float>().ToArray(), again.Arena.Values.data<float>().ToArray());
    }

    private static List<string> HashedBy(Action work)
    {
        var hashed = new List<string>();
        Checkpoint.Hashing.Value = hashed.Add;
        work();
        Checkpoint.Hashing.Value = null;
        return hashed;
    }

    [Fact]
    public void The_latest_few_and_the_best_are_kept()
    {
        var store = new CheckpointStore(_folder, keep: 2);
        using var run = Run(Small.Recipe, 0);
        foreach (var distance in (double?[])[9, 3, 5, null, 6])
        {
            run.Advance();
            store.Save(run, distance);
        }
        Assert.Equal(
            ["step-000000002", "step-000000004", "step-000000005"], Directory.GetDirectories(_folder).Select(Path.GetFileName).Order());
    }

    private void Resumed(Recipe recipe, int stop)
    {
        using var straight = Run(recipe, 12);
        Checkpoint.Save(straight, Path.Combine(_folder, "straight"), null);

        using (var first = Run(recipe, stop))
            Checkpoint.Save(first, Path.Combine(_folder, "stopped"), null);
        using var second = new TrainingRun(Checkpoint.Read(Path.Combine(_folder, "stopped")).Recipe, _images, CPU);
        Checkpoint.Restore(second, Path.Combine(_folder, "stopped"));
        while (second.Updates < 12)
            second.Advance();
        Checkpoint.Save(second, Path.Combine(_folder, "resumed"), null);
        Assert.Equal(Checkpoint.Read(Path.Combine(_folder, "straight")), Checkpoint.Read(Path.Combine(_folder, "resumed")));
        Assert.Equal(straight.CloseEpoch(), second.CloseEpoch());
    }

    private TrainingRun Run(Recipe recipe, int updates)
    {
        var run = new TrainingRun(recipe, _images, CPU);
        while (run.Updates < updates)
            run.Advance();
        return run;
    }
}
