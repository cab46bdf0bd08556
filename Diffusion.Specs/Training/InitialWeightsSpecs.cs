using Diffusion.Math.Predictions;
using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Model.Training;
using Diffusion.Specs.Data;
using static TorchSharp.torch;

namespace Diffusion.Specs.Training;

/// <summary>Runs that begin with the weights of another one.</summary>
public sealed class InitialWeightsSpecs : IDisposable
{
    private readonly TemporaryFolder _place = new();
    private readonly ImageSet _images = Small.Images();

    public void Dispose()
    {
        _images.Dispose();
        _place.Dispose();
    }

    [Fact]
    public void The_averages_of_the_new_run_begin_with_the_first_average_of_the_old_one()
    {
        var source = Trained("old", Small.Labelled, 3);
        var steady = Small.Labelled with { Ema = [new EmaDecay.Steady(0.9), new EmaDecay.Ramp(0.9)] };
        using var trainer = Begin("new", steady, source);
        var expected = Numbers(Average("old"));
        Assert.Equal(expected, Numbers(trainer.Run.Arena.Values, trainer.Run));
        Assert.All(trainer.Run.Optimiser.Ema, ema => Assert.Equal(expected, Numbers(ema, trainer.Run)));
    }

    [Fact]
    public void The_recipe_says_which_weights_they_were_and_how_many_images_they_have_seen()
    {
        var source = Trained("old", Small.Labelled, 3);
        using (Begin("new", Small.Labelled, source))
        {
        }
        var lineage = RecipeFile.Read(_place["new/recipe.json"]).From!;
        var header = Checkpoint.Read(_place["old/checkpoint/step-000000003"]);
        Assert.Equal(new Lineage("the old one", header.Files.First(file => file.Name == Checkpoint.EmaName(0)).Sha256, "small", 3,
            3 * Small.Labelled.Length.Batch, Small.Labelled.Ema[0]), lineage);
        Assert.Equal($"the old one, recipe small, step 3, 18 images, EMA ramp 0.99, sha256 {lineage.Sha256[..12]}", lineage.Text);
        // Those of the run before count, too.
        using var next = Begin("next", Small.Labelled, InitialWeights.Find(_place["new"], Assert.Fail));
        Assert.Equal((0L, 18L), (next.Run.Recipe.From!.Steps, next.Run.Recipe.From.Images));
    }

    [Fact]
    public void It_is_repeated_from_its_recipe_and_resumed_without_its_source_to_the_same_bits()
    {
        var source = Trained("old", Small.Labelled, 3);
        var straight = Finished("straight", Small.Labelled with { Seed = 9 }, source);
        var again = Finished("again", RecipeFile.Read(_place["straight/recipe.json"]) with
        {
            From = RecipeFile.Read(_place["straight/recipe.json"]).From! with { Run = _place["old"] },
        }, null);
        Assert.Equal(straight, again);
        // Killed before its first step, and its source is gone.
        using (Begin("stopped", Small.Labelled with { Seed = 9 }, source))
        {
        }
        Directory.Delete(_place["old"], recursive: true);
        using var resumed = Trainer.Resume(RunFolder.Open(_place["stopped"]), new(_images), Options);
        resumed.Train();
        Assert.Equal(straight, Numbers(resumed.Run.Arena.Values, resumed.Run));
    }

    [Fact]
    public void A_repeat_with_other_weights_under_the_old_name_is_refused()
    {
        var lineage = Trained("old", Small.Labelled, 3).Lineage with { Run = _place["old"] };
        Trained("old", Small.Labelled with { Seed = 8 }, 3);
        var refusal = Assert.Throws<InputException>(() => Begin("new", Small.Labelled with { From = lineage }, null));
        Assert.Contains(
            $"expected those that the recipe begins with, {lineage.Sha256} (step 3)", refusal.Message, StringComparison.Ordinal);
        Directory.Delete(_place["old"], recursive: true);
        Assert.Contains("found no such file or folder", Assert.Throws<InputException>(
            () => Begin("new", Small.Labelled with { From = lineage }, null)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("network.levels.1.channels=16", "found another network: network.levels.1.channels = 8; expected 16")]
    [InlineData("network.blocksPerLevel=2", "found another network: network.blocksPerLevel = 1; expected 2")]
    [InlineData("network.patch=2", "found another network: network.patch = 1; expected 2")]
    [InlineData("network.headChannels=4", "found another network: network.headChannels = none; expected 4")]
    public void Another_network_is_refused_by_the_setting_in_which_it_differs(string change, string says)
    {
        var source = Trained("old", Small.Recipe, 1);
        var other = RecipeChanges.Apply(Small.Recipe, [new(change.Split('=')[0], change.Split('=')[1])]);
        Assert.Contains(says, Assert.Throws<InputException>(() => Begin("new", other, source)).Message, StringComparison.Ordinal);
        Assert.Contains("expected a classifier, as small-classifier trains",
            Assert.Throws<InputException>(() => Begin("new", Small.Classifier, source)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Classes_keep_their_vectors_by_name_and_others_begin_as_no_label()
    {
        var source = Trained("old", Small.Labelled, 3);
        using var images = Named("odd", "new", "even");
        var recipe = Small.Labelled with { Network = Small.Network with { Labels = new(3, NullLabel.Learned) } };
        using var trainer = Begin("new", recipe, source, new(images));
        var (before, after) = (Average("old")[Table], TableOf(trainer.Run));
        foreach (var (row, from) in new[] { 1, 2, 0, 2 }.Index())
            Assert.Equal(Floats(before.select(0, from)), Floats(after.select(0, row)));
        Assert.Contains("label table: made anew for 3 classes (2 there), 2 of which keep their vectors; the others begin as no label does",
            Said(trainer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LabelEntry.AfterLayers, null)]
    [InlineData(LabelEntry.AfterLayers, 5)]
    [InlineData(LabelEntry.BeforeLayers, null)]
    [InlineData(LabelEntry.BeforeLayers, 5)]
    public void A_model_without_labels_begins_as_the_labelled_one_was_without_a_label_and_the_other_way_round(LabelEntry entry, int? width)
    {
        using var scope = NewDisposeScope();
        var conditional = Small.Labelled with
        {
            Network = Small.Network with { Labels = new(2, NullLabel.Learned) { Entry = entry, Width = width } },
        };
        using var plain = Begin("plain", Small.Recipe, Trained("old", conditional, 3));
        using var labelled = new TrainingRun(conditional, _images, CPU);
        Checkpoint.LoadEma(labelled.Network, _place["old/checkpoint/step-000000003"], 0);
        var (state, time) = (rand(2, 1, 8, 8), tensor(new[] { 3L, 500L }));
        Assert.True(Output(labelled, state, time, null).allclose(Output(plain, state, time, null), 1e-5, 1e-6));
        // Then every label means nothing yet.
        plain.Train();
        using var again = Begin("again", conditional, InitialWeights.Find(_place["plain"], Assert.Fail));
        using var last = new TrainingRun(Small.Recipe, _images, CPU);
        Checkpoint.LoadEma(last.Network, _place["plain/checkpoint/step-000000012"], 0);
        foreach (var labels in new[] { null, tensor(new[] { 0L, 1L }) })
            Assert.True(Output(last, state, time, null).allclose(Output(again, state, time, labels), 1e-5, 1e-6));
    }

    [Fact]
    public void A_table_of_another_kind_of_vector_is_made_anew()
    {
        var source = Trained("old", Small.Labelled, 1);
        var other = Small.Labelled with
        {
            Network = Small.Network with { Labels = new(2, NullLabel.Learned) { Entry = LabelEntry.BeforeLayers } },
        };
        using var trainer = Begin("new", other, source);
        Assert.All(Floats(TableOf(trainer.Run)), number => Assert.Equal(0, number));
        Assert.Contains("label table: made anew for 2 classes", Said(trainer), StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_of_another_size_is_made_anew_and_named_and_all_others_are_taken()
    {
        var source = Trained("old", Small.Classifier, 2);
        using var images = Named("a", "b", "c");
        var recipe = Small.Classifier with { Goal = new Goal.Classify(3, ClassifierPooling.Attention) };
        using var trainer = Begin("new", recipe, source, new(images));
        var before = Average("old");
        foreach (var slice in trainer.Run.Arena.Slices.Where(slice => !slice.Name.StartsWith("linear_out", StringComparison.Ordinal)))
            Assert.Equal(Floats(before[slice.Name]), Floats(slice.Of(trainer.Run.Arena.Values)));
        Assert.Contains("made anew, being of another size: the last layer", Said(trainer), StringComparison.Ordinal);
    }

    [Fact]
    public void What_differs_and_what_becomes_of_the_learning_rate_is_said_before_the_first_step()
    {
        var recipe = Small.Recipe with
        {
            Prediction = new Prediction.Velocity(),
            Optimiser = new() { Rate = new LearningRate.WarmUpCosine(2e-3, 1, 12) },
        };
        using var trainer = Begin("new", recipe, Trained("old", Small.Recipe, 1));
        var events = new Host.TrainingEvents();
        trainer.Train(events);
        var lines = events.All.TakeWhile(happened => happened is not TrainingEvent.StepsBegan).Select(happened => happened.Text).ToList();
        Assert.Contains(
            lines, line => line.StartsWith("begins with the weights of the old one, recipe small, step 1", StringComparison.Ordinal));
        Assert.Contains("other settings than there: prediction velocity (noise)", lines);
        Assert.Contains(
            "the optimiser begins anew, and so does its learning rate: Adam, rate warmUpCosine (peak 0.002, warmup 1, total 12)", lines);
    }

    private const string Table = "class_embedding.weight";

    private static TrainerOptions Options { get; } = new() { Evaluation = (_, _) => RunEvaluation.None };

    private InitialWeights Trained(string run, Recipe recipe, int steps)
    {
        if (Directory.Exists(_place[run]))
            Directory.Delete(_place[run], recursive: true);
        using (var trained = new TrainingRun(recipe.Remembering(new(_images)), _images, CPU))
        {
            while (trained.Updates < steps)
                trained.Advance();
            new CheckpointStore(_place[$"{run}/checkpoint"]).Save(trained);
        }
        return InitialWeights.Find(_place[run], Assert.Fail, "the old one");
    }

    private Trainer Begin(string run, Recipe recipe, InitialWeights? from, TrainingData? data = null) =>
        Trainer.Begin(recipe, data ?? new(_images), RunFolder.Create(Path.Combine(_place.Path, run)), Options, from);

    private float[] Finished(string run, Recipe recipe, InitialWeights? from)
    {
        using var trainer = Begin(run, recipe, from);
        trainer.Train();
        return Numbers(trainer.Run.Arena.Values, trainer.Run);
    }

    private static string Said(Trainer trainer)
    {
        var events = new Host.TrainingEvents();
        trainer.Train(events);
        return events.ToString()!;
    }

    private static ImageSet Named(params string[] names)
    {
        byte[] labels = [.. Enumerable.Range(0, 9).Select(image => (byte)(image % names.Length))];
        return ImageSet.Of(new("named", Split.Train, names.ToSequence(), "made up"), new(1, 8, 8), new byte[9 * 64], labels);
    }

    private Dictionary<string, Tensor> Average(string run)
    {
        using var file = Diffusion.Model.Formats.Tensors.Safetensors.Open(
            Path.Combine(new CheckpointStore(_place[$"{run}/checkpoint"]).Latest(Assert.Fail)!, Checkpoint.EmaName(0)));
        return file.Entries.ToDictionary(entry => entry.Name, entry => file.Load(entry.Name));
    }

    private static float[] Numbers(Dictionary<string, Tensor> all) =>
        [.. all.OrderBy(item => item.Key, StringComparer.Ordinal).SelectMany(item => Floats(item.Value))];

    private static float[] Numbers(Tensor flat, TrainingRun run) =>
        [.. run.Arena.Slices.OrderBy(slice => slice.Name, StringComparer.Ordinal).SelectMany(slice => Floats(slice.Of(flat)))];

    private static Tensor TableOf(TrainingRun run) => run.Arena.Slices.First(slice => slice.Name == Table).Of(run.Arena.Values);

    private static float[] Floats(Tensor tensor) => [.. tensor.detach().contiguous().data<float>()];

    private static Tensor Output(TrainingRun run, Tensor state, Tensor time, Tensor? labels)
    {
        using var guard = no_grad();
        run.Network.eval();
        var output = ((UNet)run.Network).call(state, time, labels);
        run.Network.train();
        return output;
    }

    private static Tensor Output(Trainer trainer, Tensor state, Tensor time, Tensor? labels) => Output(trainer.Run, state, time, labels);
}
