using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Values;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Images;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using TorchSharp;

namespace Diffusion.Model.Interchange.Checkpoints;

/// <summary>
/// Checkpoints of w86763777's pytorch-ddpm, <c>ckpt.pt</c> with <c>net_model</c> and <c>ema_model</c>: the CIFAR-10 network of Ho et al.
/// with the normalisation of PyTorch, symmetric padding, and sines and cosines of the time in turns.
/// </summary>
internal sealed class PytorchDdpm : CheckpointFamily
{
    private const string TimeTable = "time_embedding.timembedding.0.weight";

    /// <inheritdoc/>
    public override string Name => "pytorch-ddpm";

    /// <inheritdoc/>
    public override string First => TimeTable;

    /// <inheritdoc/>
    public override bool Recognises(TensorMapping tensors) => tensors.Has("head.weight");

    /// <inheritdoc/>
    public override Recipe RecipeOf(TensorMapping tensors, CheckpointSource source, Action<string> note)
    {
        var steps = tensors.Sizes(TimeTable, 2)[0];
        var schedule = new NoiseSchedule.Linear(steps);
        note($"{source.File.Path}: a checkpoint of {Name} does not say its schedule: it is taken to predict noise over β from " +
            $"{schedule.First} to {schedule.Last} in {steps} steps, as that program does by default");
        var recipe = ImportedRecipe.Of(source.ModelName, ShapeOf(tensors), SizeOf(source));
        return recipe with
        {
            Schedule = schedule,
            // There, x̂_0 is limited only after the mean has been computed from it.
            Evaluation = recipe.Evaluation with { Sampler = new Sampler.Ancestral(new Variance.Large(), new Clipping.None()) },
        };
    }

    /// <inheritdoc/>
    public override void Map(TensorMapping tensors, Recipe recipe, CheckpointSource source)
    {
        var shape = recipe.Network;
        tensors.Drop(TimeTable);
        // There, sin and cos of each frequency stand side by side; here, all sines stand before all cosines.
        tensors.Make(
            "time_embedding.timembedding.1.weight", "time_embedding.linear_1.weight",
            TensorShape.Of(shape.EmbeddingChannels, shape.TimeChannels),
            weight => weight.view(shape.EmbeddingChannels, -1, 2).transpose(1, 2).reshape(shape.EmbeddingChannels, -1));
        tensors.Make(
            "time_embedding.timembedding.1.bias", "time_embedding.linear_1.bias", TensorShape.Of(shape.EmbeddingChannels), bias => bias);
        tensors.Rename("time_embedding.timembedding.3", "time_embedding.linear_2");
        tensors.Rename("head", "conv_in");
        var (down, up) = (0, 0);
        foreach (var stage in UNetStage.Of(shape))
        {
            var place = stage.Half switch
            {
                UNetHalf.Down => $"downblocks.{down++}",
                UNetHalf.Middle => $"middleblocks.{stage.Block}",
                _ => $"upblocks.{up++}",
            };
            Residual(tensors, place, stage.Residual);
            if (stage.Attention is { } attention)
                Attention(tensors, $"{place}.attn", attention);
            if (stage.Sampler is { } sampler)
                tensors.Rename(stage.Half == UNetHalf.Down ? $"downblocks.{down++}.main" : $"upblocks.{up++}.main", $"{sampler}.conv");
        }
        tensors.Rename("tail.0", "conv_norm_out");
        tensors.Rename("tail.2", "conv_out");
    }

    private static void Residual(TensorMapping tensors, string from, string to)
    {
        tensors.Rename($"{from}.block1.0", $"{to}.norm1");
        tensors.Rename($"{from}.block1.2", $"{to}.conv1");
        tensors.Rename($"{from}.temb_proj.1", $"{to}.time_emb_proj");
        tensors.Rename($"{from}.block2.0", $"{to}.norm2");
        tensors.Rename($"{from}.block2.3", $"{to}.conv2");
        if (tensors.Has($"{from}.shortcut.weight"))
            tensors.Rename($"{from}.shortcut", $"{to}.conv_shortcut");
    }

    private static void Attention(TensorMapping tensors, string from, string to)
    {
        tensors.Rename($"{from}.group_norm", $"{to}.group_norm");
        foreach (var (there, here) in new[] { ("proj_q", "to_q"), ("proj_k", "to_k"), ("proj_v", "to_v"), ("proj", "to_out.0") })
            tensors.Flatten($"{from}.{there}", $"{to}.{here}");
    }

    // A block without a residual one leaves for the next level.
    private static UNetShape ShapeOf(TensorMapping tensors)
    {
        var levels = new List<UNetLevel>();
        var blocks = new List<int> { 0 };
        for (var index = 0; tensors.HasUnder($"downblocks.{index}."); index++)
        {
            if (tensors.Has($"downblocks.{index}.main.weight"))
            {
                blocks.Add(0);
                continue;
            }
            if (blocks[^1]++ > 0)
                continue;
            var channels = tensors.Sizes($"downblocks.{index}.block1.2.weight", 4)[0];
            levels.Add(tensors.HasUnder($"downblocks.{index}.attn.") ? UNetLevel.Attending(channels) : UNetLevel.Plain(channels));
        }
        if (blocks.Distinct().Count() != 1 || blocks[0] == 0)
            throw tensors.Refusal(
                $"levels of {string.Join(", ", blocks)} residual blocks", "a network of pytorch-ddpm, which has as many at every level");
        return new()
        {
            InputChannels = tensors.Sizes("head.weight", 4)[1],
            OutputChannels = tensors.Sizes("tail.2.weight", 4)[0],
            Levels = levels.ToSequence(),
            BlocksPerLevel = blocks[0],
            Residual = new() { Epsilon = 1e-5, Dropout = 0.1 },
            Time = new(FrequencyOrder.SineFirst, 0) { Channels = TimeChannels(tensors) },
            Padding = DownsamplePadding.Symmetric,
        };
    }

    private static int? TimeChannels(TensorMapping tensors) =>
        tensors.Sizes(TimeTable, 2)[1] is var width && width == tensors.Sizes("head.weight", 4)[0] ? null : width;

    // The noise that the program draws its progress from.
    private static ImageSize? SizeOf(CheckpointSource source) =>
        source.File.All.FirstOrDefault(tensor => tensor.Name == "x_T")?.Shape
            is [_, _, >= 1 and <= 4096 and var height, >= 1 and <= 4096 and var width]
            ? new((int)height, (int)width)
            : null;
}
