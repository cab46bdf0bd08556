using System.Text.Json.Nodes;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Images;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;
using Diffusion.Specs.Training;
using TorchSharp;

namespace Diffusion.Specs.Recipes;

/// <summary>What a recipe may not be: it is checked by its text, before anything that it describes takes memory.</summary>
public sealed class RecipeLimitsSpecs
{
    private const long Allowance = 4 << 20;

    private static readonly string Text = RecipeText.Write(BuiltInRecipes.Folder.Quick);

    [Theory]
    [InlineData("schedule.count", "2000000000")]
    [InlineData("schedule.count", "1e300")]
    [InlineData("network.blocksPerLevel", "1000000")]
    [InlineData("network.levels.0.channels", "1000000")]
    [InlineData("network.inputChannels", "2000000000")]
    [InlineData("network.outputChannels", "2000000000")]
    [InlineData("network.residual.groups", "2000000000")]
    [InlineData("network.labels", """{"classes": 2000000000, "null": "learned", "width": null}""")]
    [InlineData("data.size", "2000000000")]
    [InlineData("length.batch", "2000000000")]
    [InlineData("length.microBatch", "2000000000")]
    [InlineData("evaluation.batch", "2000000000")]
    [InlineData("evaluation.samples", "2000000000")]
    [InlineData("evaluation.finalSamples", "2000000000")]
    [InlineData("evaluation.gridImages", "2000000000")]
    [InlineData("evaluation.spacing", """{"kind": "last", "grid": {"kind": "karras", "count": 2000000000}, "share": 0.5}""")]
    public void A_number_that_would_take_gigabytes_is_refused_by_its_place(string path, string value)
    {
        var json = Changed(path, value);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var message = Assert.Throws<RecipeException>(() => RecipeText.Read(json, "recipe.json")).Message;
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Allowance);
        Assert.Contains(path.Replace(".0", "[0]", StringComparison.Ordinal), message, StringComparison.Ordinal);
        Assert.Contains("is more than", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("network.levels", "levels are more than the 16")]
    [InlineData("ema", "EMAs are more than 64")]
    public void A_list_that_is_too_long_is_refused(string path, string words)
    {
        var first = Item(JsonNode.Parse(Text)!, path).AsArray()[0]!.ToJsonString();
        Assert.Contains(words, Assert.Throws<RecipeException>(() => RecipeText.Read(
            Changed(path, $"[{string.Join(',', Enumerable.Repeat(first, 70))}]"), "recipe.json")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../../outside/EVIL")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("C:")]
    [InlineData("/etc")]
    [InlineData("")]
    [InlineData(" a")]
    [InlineData("a.")]
    [InlineData(".hidden")]
    [InlineData("-rf")]
    [InlineData("=cmd")]
    [InlineData("a\u001b[31m")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData("a\u202eb")]
    [InlineData("a\u200bb")]
    [InlineData("a\u2028b")]
    [InlineData("a*?b")]
    public void A_name_that_leaves_its_folder_or_holds_what_does_not_print_is_refused(string name)
    {
        var json = JsonNode.Parse(Text)!;
        json["name"] = name;
        var message = Assert.Throws<RecipeException>(() => RecipeText.Read(json.ToJsonString(), "recipe.json")).Message;
        Assert.Contains("cannot be a recipe's name", message, StringComparison.Ordinal);
        Assert.DoesNotContain(message, char.IsControl);
        // The nearest name is one, and stays in its folder.
        var nearest = RecipeName.Of(name);
        Assert.Null(RecipeName.Fault(nearest));
        Assert.Equal(nearest, Path.GetFileName(Path.GetFullPath(Path.Combine("runs", nearest))));
    }

    [Theory]
    [InlineData("cifar10-cfg")]
    [InlineData("my model, 2nd try (v1.2)")]
    [InlineData("Zahlen_ä")]
    [InlineData("数字")]
    public void An_ordinary_name_is_kept(string name) => Assert.Equal((null, name), (RecipeName.Fault(name), RecipeName.Of(name)));

    [Fact]
    public void A_name_has_an_end() =>
        Assert.Equal((false, 100), (RecipeName.Fault(new string('a', 101)) is null, RecipeName.Of(new string('a', 5000)).Length));

    [Fact]
    public void Weights_are_counted_from_the_shape_within_a_few_per_cent()
    {
        foreach (var shape in new[] { UNetShape.Paper, BuiltInRecipes.Cifar10.Quick.Network,
            UNetShape.Paper with { Labels = new(1000, NullLabel.Learned) } })
        {
            using var outline = UNet.Outline(shape);
            Assert.Equal(1, shape.Weights() / (double)outline.ParameterCount, 0.03);
        }
        Assert.Equal(35_746_307, UNetShape.Paper.Weights(), 357_463.0);
    }

    [Fact]
    public void On_a_processor_a_training_takes_more_and_the_process_something_of_its_own()
    {
        // Measured: 1,755 MB with a batch of 8 on two threads.
        var paper = BuiltInRecipes.Cifar10.Paper;
        var need = MemoryNeed.Of(paper with { Length = paper.Length with { Batch = 8 } }, new(3, 32, 32));
        Assert.InRange(need.TotalOn(TorchSharp.DeviceType.CPU), 1.6e9, 1.95e9);
        Assert.Equal(need.Total, need.TotalOn(TorchSharp.DeviceType.CUDA));
    }

    [Fact]
    public void The_memory_of_a_training_is_stated_beforehand_with_the_numbers()
    {
        var need = MemoryNeed.Of(BuiltInRecipes.Cifar10.Paper, new(3, 32, 32));
        // Weights, gradients, two moments and an average of four bytes.
        Assert.Equal(5 * 4 * 35_746_307.0, need.State, 5 * 4 * 357_463.0);
        Assert.InRange(need.Activations, 2e9, 20e9);
        Assert.Null(need.Refusal(16e9));
        Assert.Equal("a training whose weights, gradients, moments and averages take 0.7 GB on a machine with 0.5 GB", need.Refusal(0.5e9));
        Assert.Null(need.Concern(80e9));
        Assert.Contains("available: 1 GB; use a smaller batch", need.Concern(1e9), StringComparison.Ordinal);
        var parts = MemoryNeed.Of(BuiltInRecipes.Cifar10.Paper
            with { Length = BuiltInRecipes.Cifar10.Paper.Length with { MicroBatch = 32 }, Precision = Precision.Bfloat16 }, new(3, 32, 32));
        Assert.Equal(need.Activations / 8, parts.Activations, 1.0);
        Assert.Null(need.ConcernOfSampling(16e9));
        // No more are drawn at once than are drawn at all.
        var crowd = BuiltInRecipes.Cifar10.Paper
            with { Evaluation = BuiltInRecipes.Cifar10.Paper.Evaluation with { Batch = 1_000_000, FinalSamples = 1_000_000 } };
        Assert.Contains(" TB of it for the samples drawn at once; available: 80 GB; use --set evaluation.batch=N",
            MemoryNeed.Of(crowd, new(3, 32, 32)).ConcernOfSampling(80e9), StringComparison.Ordinal);
        var few = crowd with { Evaluation = crowd.Evaluation with { Batch = 5000, FinalSamples = 4000, Samples = 50 } };
        Assert.Equal(MemoryNeed.Of(few, new(3, 32, 32)).Sampling * 250, MemoryNeed.Of(crowd, new(3, 32, 32)).Sampling, 1e3);
        var wide = BuiltInRecipes.Cifar10.Paper
            with { Network = UNetShape.Paper with { Levels = [.. Enumerable.Repeat(UNetLevel.Plain(65_536), 16)], BlocksPerLevel = 256 } };
        Assert.Contains(" TB for a single image of 3×4096×4096 on a machine with 16 GB",
            MemoryNeed.Of(BuiltInRecipes.Folder.Quick, new(3, 4096, 4096)).Refusal(16e9), StringComparison.Ordinal);
        Assert.Null(MemoryNeed.Of(BuiltInRecipes.Folder.Quick, new(3, 256, 256)).Refusal(16e9));
        Assert.Contains(" TB on a machine with 16 GB", MemoryNeed.Of(wide, new(3, 32, 32)).Refusal(16e9), StringComparison.Ordinal);
    }

    [Fact]
    public void The_teacher_of_a_distillation_takes_the_memory_of_its_weights()
    {
        var (alone, image) = (BuiltInRecipes.Cifar10.Paper, new ImageShape(3, 32, 32));
        var need = MemoryNeed.Of(alone with { Distillation = new() { Spacing = new TimestepSpacing.Trailing(4) } }, image);
        Assert.Equal(4.0 * alone.Network.Weights(), need.State - MemoryNeed.Of(alone, image).State);
        Assert.Contains("averages, and its teacher, take 0.9 GB", need.Refusal(0.5e9), StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_that_does_not_fit_is_refused_with_the_largest_that_does()
    {
        Recipe Of(int batch, int microBatch = 0) =>
            BuiltInRecipes.Mnist.Quick with { Length = BuiltInRecipes.Mnist.Quick.Length with { Batch = batch, MicroBatch = microBatch } };
        var need = MemoryNeed.Of(Of(100_000), new(1, 28, 28));
        var most = need.MostAtOnce(24e9);
        Assert.InRange(most, 100, 99_999);
        Assert.Matches($@"^length.batch: found 100000 images at once, which need about \d+(\.\d)? [GT]B; this machine has 24 GB; "
            + $"expected a batch of at most {most}, or --set length.microBatch={most}, ", need.RefusalOfBatch(24e9)!.Message);
        Assert.Null(MemoryNeed.Of(Of(most), new(1, 28, 28)).RefusalOfBatch(24e9));
        Assert.Null(MemoryNeed.Of(Of(100_000, most), new(1, 28, 28)).RefusalOfBatch(24e9));
        Assert.StartsWith("length.microBatch: found", MemoryNeed.Of(Of(100_000, 99_999), new(1, 28, 28)).RefusalOfBatch(24e9)!.Message,
            StringComparison.Ordinal);
        // What not even a single image fits beside is refused, or feared, for that.
        Assert.Equal((0, null), (need.MostAtOnce(1e6), need.RefusalOfBatch(1e6)));
    }

    [Fact]
    public void A_checkpoint_that_describes_more_than_it_holds_is_refused()
    {
        var folder = Directory.CreateTempSubdirectory("diffusion-limits-").FullName;
        try
        {
            using var network = new UNet(Small.Network, new Seed(1));
            var wide = Small.Recipe with { Network = Small.Network with { Levels = [UNetLevel.Plain(8), UNetLevel.Plain(40_000)] } };
            new CheckpointStore(Path.Combine(folder, "wide", CheckpointStore.FolderName)).Save(network, wide);
            Assert.Contains("a larger network than the weights are of", Refusal("wide"), StringComparison.Ordinal);
            new CheckpointStore(Path.Combine(folder, "long", CheckpointStore.FolderName))
                .Save(network, Small.Recipe with { Schedule = new NoiseSchedule.Linear(2_000_000) });
            Assert.Contains("recipe.schedule.count: 2000000 is more than 1,000,000", Refusal("long"), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        string Refusal(string name)
        {
            var warnings = new List<string>();
            var refusal = Assert.ThrowsAny<IOException>(() => TrainedModel.Open(Path.Combine(folder, name), torch.CPU, warnings.Add));
            return string.Join('\n', [.. warnings, refusal.Message]);
        }
    }

    private static string Changed(string path, string value)
    {
        var root = JsonNode.Parse(Text)!;
        var names = path.Split('.');
        var place = names.Length == 1 ? root : Item(root, string.Join('.', names[..^1]));
        place[names[^1]] = JsonNode.Parse(value);
        return root.ToJsonString();
    }

    private static JsonNode Item(JsonNode root, string path) =>
        path.Split('.').Aggregate(root, (at, name) => int.TryParse(name, out var index) ? at[index]! : at[name]!);
}
