using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;

namespace Diffusion.Model.Interchange.Checkpoints;

/// <summary>
/// State dictionaries of OpenAI's improved-diffusion and guided-diffusion: U-Nets of Nichol and Dhariwal 2021 and of Dhariwal and Nichol
/// 2021, and the latter's classifiers of noisy images. The file says neither heads nor schedule.
/// </summary>
internal sealed class OpenAi : CheckpointFamily
{
    /// <inheritdoc/>
    public override string Name => "improved-diffusion or guided-diffusion";

    /// <inheritdoc/>
    public override string First => "input_blocks.0.0.weight";

    /// <inheritdoc/>
    public override bool Knows(KnownModel model) => model.Name != DenoisingDiffusion.Usual;

    /// <inheritdoc/>
    public override bool Recognises(TensorMapping tensors) => tensors.Has("time_embed.0.weight");

    /// <inheritdoc/>
    public override Recipe RecipeOf(TensorMapping tensors, CheckpointSource source, Action<string> note)
    {
        var known = source.Request.As;
        if (known?.Recipe is { } published)
            return published;
        var (network, goal) = OpenAiShape.Of(tensors);
        if (known is not null)
            return known.Complete(source.ModelName, network, goal);
        var fitting = KnownModel.All.Where(model => model.Fits(network, goal)).Select(model => model.Name).ToArray();
        throw tensors.Refusal(
            $"a {(goal is Goal.Classify ? "classifier" : "network")} of {Name}, whose file says neither heads nor schedule",
            fitting.Length > 0 ? $"--as {string.Join(" or --as ", fitting)}"
                : "--as guided-diffusion or --as improved-diffusion, with --set for what differs from their usual settings");
    }

    /// <inheritdoc/>
    public override void Map(TensorMapping tensors, Recipe recipe, CheckpointSource source)
    {
        var shape = recipe.Network;
        var order = source.Request.As?.Order ?? FusedOrder.ByHead;
        tensors.Rename("time_embed.0", "time_embedding.linear_1");
        tensors.Rename("time_embed.2", "time_embedding.linear_2");
        if (shape.Labels is { } labels)
            tensors.Make(
                "label_emb.weight", "class_embedding.weight", TensorShape.Of(labels.Rows, shape.EmbeddingChannels), weight => weight);
        tensors.Rename("input_blocks.0.0", "conv_in");
        var (down, up) = (1, 0);
        foreach (var stage in UNetStage.Of(shape).Where(stage => stage.Half != UNetHalf.Up || recipe.Goal is Goal.Denoise))
        {
            // In the middle the three layers are those of one block.
            var (place, layer) = stage.Half switch
            {
                UNetHalf.Down => ($"input_blocks.{down++}", 0),
                UNetHalf.Middle => ("middle_block", stage.Block == 0 ? 0 : shape.Middle.Attention == MiddleAttention.None ? 1 : 2),
                _ => ($"output_blocks.{up++}", 0),
            };
            Residual(tensors, $"{place}.{layer++}", stage.Residual);
            if (stage.Attention is { } attention)
                Attention(tensors, $"{place}.{layer++}", attention, order, shape);
            if (stage.Sampler is { } sampler)
                Sampler(tensors, stage.Half == UNetHalf.Down ? $"input_blocks.{down++}.0" : $"{place}.{layer}", sampler);
        }
        if (recipe.Goal is Goal.Classify classify)
        {
            Pooling(tensors, classify);
            return;
        }
        tensors.Rename("out.0", "conv_norm_out");
        tensors.Rename("out.2", "conv_out");
    }

    private static void Residual(TensorMapping tensors, string from, string to)
    {
        tensors.Rename($"{from}.in_layers.0", $"{to}.norm1");
        tensors.Rename($"{from}.in_layers.2", $"{to}.conv1");
        tensors.Rename($"{from}.emb_layers.1", $"{to}.time_emb_proj");
        tensors.Rename($"{from}.out_layers.0", $"{to}.norm2");
        tensors.Rename($"{from}.out_layers.3", $"{to}.conv2");
        if (tensors.Has($"{from}.skip_connection.weight"))
            tensors.Rename($"{from}.skip_connection", $"{to}.conv_shortcut");
    }

    private static void Attention(TensorMapping tensors, string from, string to, FusedOrder order, UNetShape shape)
    {
        tensors.Rename($"{from}.norm", $"{to}.group_norm");
        var channels = tensors.Sizes($"{from}.proj_out.weight", 3)[0];
        var width = shape.HeadChannelsAt(channels);
        if (width == 0 || channels % width != 0)
            throw tensors.Refusal($"attention over {channels} channels", $"heads that divide them, not of {Max(width, 1)} channels");
        tensors.Split($"{from}.qkv", to, order == FusedOrder.ByKind ? 1 : channels / width);
        tensors.Flatten($"{from}.proj_out", $"{to}.to_out.0");
    }

    private static void Sampler(TensorMapping tensors, string from, string to)
    {
        if (tensors.HasUnder($"{from}.in_layers."))
            Residual(tensors, from, to);
        else
            tensors.Rename(tensors.Has($"{from}.op.weight") ? $"{from}.op" : $"{from}.conv", $"{to}.conv");
    }

    private static void Pooling(TensorMapping tensors, Goal.Classify goal)
    {
        tensors.Rename("out.0", "norm_out");
        if (goal.Pooling == ClassifierPooling.Average)
        {
            tensors.Flatten("out.3", "linear_out");
            return;
        }
        var channels = tensors.Sizes("out.2.positional_embedding", 2)[0];
        tensors.Make(
            "out.2.positional_embedding", "pooling.positions",
            TensorShape.Of(tensors.Sizes("out.2.positional_embedding", 2)[1], channels), table => table.transpose(0, 1));
        // Always in this order there.
        tensors.Split("out.2.qkv_proj", "pooling", 1);
        tensors.Flatten("out.2.c_proj", "linear_out");
    }
}
