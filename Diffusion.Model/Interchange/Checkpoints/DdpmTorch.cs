using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Values;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;

namespace Diffusion.Model.Interchange.Checkpoints;

/// <summary>
/// Checkpoints of tqch's ddpm-torch, with <c>model</c> and <c>ema.shadow</c>, or its bare weights: the network of Ho et al. with all their
/// conventions, and queries, keys and values in one convolution.
/// </summary>
internal sealed class DdpmTorch : CheckpointFamily
{
    /// <inheritdoc/>
    public override string Name => "ddpm-torch";

    /// <inheritdoc/>
    public override string First => "in_conv.weight";

    /// <inheritdoc/>
    public override bool Recognises(TensorMapping tensors) => tensors.Has("embed.0.weight") && tensors.HasUnder("downsamples.level_0.");

    /// <inheritdoc/>
    public override Recipe RecipeOf(TensorMapping tensors, CheckpointSource source, Action<string> note)
    {
        note($"{source.File.Path}: a checkpoint of {Name} does not say its schedule: it is taken to predict noise over the linear " +
            "schedule of 1000 steps, and to draw with the variance β, as that program's CIFAR-10 model");
        var recipe = ImportedRecipe.Of(source.ModelName, ShapeOf(tensors), null);
        return recipe with
        {
            Schedule = new NoiseSchedule.Linear(),
            Evaluation = recipe.Evaluation with { Sampler = new Sampler.Ancestral(new Variance.Large(), new Clipping.Clip()) },
        };
    }

    /// <inheritdoc/>
    public override void Map(TensorMapping tensors, Recipe recipe, CheckpointSource source)
    {
        var blocks = recipe.Network.BlocksPerLevel;
        tensors.Rename("embed.0", "time_embedding.linear_1");
        tensors.Rename("embed.2", "time_embedding.linear_2");
        tensors.Rename("in_conv", "conv_in");
        foreach (var stage in UNetStage.Of(recipe.Network))
        {
            var level = stage.Half == UNetHalf.Down ? $"downsamples.level_{stage.Level}" : $"upsamples.level_{stage.Level}";
            var (residual, attention) = (stage.Half, stage.Attention) switch
            {
                (UNetHalf.Middle, _) => ($"middle.{2 * stage.Block}", "middle.1"),
                (_, null) => ($"{level}.{stage.Block}", ""),
                _ => ($"{level}.{stage.Block}.0", $"{level}.{stage.Block}.1"),
            };
            Residual(tensors, residual, stage.Residual);
            if (stage.Attention is { } place)
            {
                tensors.Rename($"{attention}.norm", $"{place}.group_norm");
                tensors.Split($"{attention}.project_in", place, 1);
                tensors.Flatten($"{attention}.project_out", $"{place}.to_out.0");
            }
            if (stage.Sampler is { } sampler && tensors.Has($"{level}.{stage.Block + 1}.1.weight"))
                tensors.Rename($"{level}.{stage.Block + 1}.1", $"{sampler}.conv");
        }
        tensors.Rename("out_conv.0", "conv_norm_out");
        tensors.Rename("out_conv.2", "conv_out");
    }

    private static void Residual(TensorMapping tensors, string from, string to)
    {
        foreach (var name in new[] { "norm1", "conv1", "norm2", "conv2" })
            tensors.Rename($"{from}.{name}", $"{to}.{name}");
        tensors.Rename($"{from}.fc", $"{to}.time_emb_proj");
        if (tensors.Has($"{from}.skip.weight"))
            tensors.Rename($"{from}.skip", $"{to}.conv_shortcut");
    }

    private static UNetShape ShapeOf(TensorMapping tensors)
    {
        var count = 0;
        while (tensors.HasUnder($"downsamples.level_{count}."))
            count++;
        var blocks = 0;
        while (Convolution(tensors, $"downsamples.level_0.{blocks}") is not null)
            blocks++;
        if (blocks == 0)
            throw tensors.Refusal("a level without residual blocks", "a network of ddpm-torch");
        var width = tensors.Sizes("embed.0.weight", 2)[1];
        return new()
        {
            InputChannels = tensors.Sizes("in_conv.weight", 4)[1],
            OutputChannels = tensors.Sizes("out_conv.2.weight", 4)[0],
            Levels = Enumerable.Range(0, count).Select(level => Level(tensors, level, blocks)).ToSequence(),
            BlocksPerLevel = blocks,
            Residual = new() { Dropout = 0.1 },
            Time = TimeEmbeddingShape.Ho with { Channels = width == tensors.Sizes("in_conv.weight", 4)[0] ? null : width },
        };
    }

    private static UNetLevel Level(TensorMapping tensors, int level, int blocks)
    {
        var place = $"downsamples.level_{level}";
        var convolution = Convolution(tensors, $"{place}.0")
            ?? throw tensors.Refusal($"no residual block in {place}", "a network of ddpm-torch");
        var block = new BlockShape(
            tensors.HasUnder($"{place}.0.0.") ? LevelAttention.Self : LevelAttention.None,
            tensors.Has($"downsamples.level_0.{blocks}.1.weight") ? Resampling.Convolution : Resampling.Plain);
        return new(tensors.Sizes(convolution, 4)[0], block, block);
    }

    // Where attention follows, the residual block is the first of two.
    private static string? Convolution(TensorMapping tensors, string place) =>
        new[] { $"{place}.conv1.weight", $"{place}.0.conv1.weight" }.FirstOrDefault(tensors.Has);
}
