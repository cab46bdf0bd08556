using Diffusion.Math.Values;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;

namespace Diffusion.Model.Interchange.Checkpoints;

/// <summary>What the tensors of improved-diffusion and guided-diffusion say of their network.</summary>
internal static class OpenAiShape
{
    /// <summary>The network, with one head everywhere, and what it was trained for.</summary>
    /// <exception cref="Files.InputException">There is no such network, or it is one for enlarging images.</exception>
    public static (UNetShape Network, Goal Goal) Of(TensorMapping tensors)
    {
        var channels = tensors.Sizes("input_blocks.0.0.weight", 4);
        var isClassifier = !tensors.HasUnder("output_blocks.");
        var (blocks, levels) = isClassifier ? Encoding(tensors) : Decoding(tensors);
        var outputs = isClassifier ? channels[1] : tensors.Sizes("out.2.weight", 4)[0];
        if (outputs != channels[1] && outputs != 2 * channels[1])
            throw tensors.Refusal(
                $"{channels[1]} channels in and {outputs} out, as a network has that enlarges images", "as many, or twice as many out");
        var width = tensors.Sizes("time_embed.0.weight", 2)[1];
        var modulation = tensors.Sizes("input_blocks.1.0.emb_layers.1.weight", 2)[0];
        var network = new UNetShape
        {
            InputChannels = channels[1],
            OutputChannels = outputs,
            Levels = levels,
            BlocksPerLevel = blocks,
            Residual = KnownModel.OpenAiResidual(0) with
            {
                Injection = modulation == 2 * levels[0].Channels ? TimeInjection.ScaleAndShift : TimeInjection.Shift,
            },
            Time = KnownModel.OpenAiTime(1) with { Channels = width == levels[0].Channels ? null : width },
            Padding = DownsamplePadding.Symmetric,
            Labels = tensors.Has("label_emb.weight") ? new(tensors.Sizes("label_emb.weight", 2)[0], NullLabel.Absent) : null,
        };
        return (network, isClassifier ? Classifying(tensors) : new Goal.Denoise());
    }

    // On the way up the last block of a level also leaves for the next one, which shows how many there are.
    private static (int Blocks, Sequence<UNetLevel> Levels) Decoding(TensorMapping tensors)
    {
        var count = Count(tensors, "output_blocks");
        bool Leaves(int index) => Sampler(tensors, $"output_blocks.{index}", 1) is not null;
        var blocks = Enumerable.Range(0, count).FirstOrDefault(Leaves, count - 1);
        if (blocks < 1 || count % (blocks + 1) != 0)
            throw tensors.Refusal($"{count} blocks on the way up", "as many at every level, each left by a layer with weights");
        var last = count / (blocks + 1) - 1;
        var levels = Enumerable.Range(0, last + 1).Select(level =>
        {
            var first = (last - level) * (blocks + 1);
            var attention = Attends(tensors, $"output_blocks.{first}") ? LevelAttention.Self : LevelAttention.None;
            return new UNetLevel(
                tensors.Sizes($"output_blocks.{first}.0.out_layers.3.weight", 4)[0],
                new(attention, level == last ? default : Down(tensors, (blocks + 1) * (level + 1))),
                new(attention, level == 0 ? default : Sampler(tensors, $"output_blocks.{first + blocks}", 1) ?? Resampling.Plain));
        }).ToArray();
        return (blocks, Uniform(levels));
    }

    // A classifier has no way up. Of the numbers of levels that its blocks can be divided into, only one may fit what they are.
    private static (int Blocks, Sequence<UNetLevel> Levels) Encoding(TensorMapping tensors)
    {
        var count = Count(tensors, "input_blocks");
        var fitting = (
            from levels in Enumerable.Range(1, 16)
            where count % levels == 0 && count / levels >= 2
            let blocks = count / levels - 1
            where Enumerable.Range(0, levels).All(level => IsLevel(tensors, level * (blocks + 1) + 1, blocks, level < levels - 1))
            select (Levels: levels, Blocks: blocks)).ToArray();
        if (fitting is not [var only])
            throw tensors.Refusal(
                $"{count} blocks that may be of {(fitting.Length == 0 ? "no" : "several")} numbers of levels",
                "a published classifier, such as --as guided-classifier64");
        return (only.Blocks, Uniform([.. Enumerable.Range(0, only.Levels).Select(level =>
        {
            var first = level * (only.Blocks + 1) + 1;
            var shape = new BlockShape(
                Attends(tensors, $"input_blocks.{first}") ? LevelAttention.Self : LevelAttention.None,
                level == only.Levels - 1 ? default : Down(tensors, first + only.Blocks));
            return new UNetLevel(tensors.Sizes($"input_blocks.{first}.0.out_layers.3.weight", 4)[0], shape, shape);
        })]).Select(level => level with { Up = level.Down }).ToSequence());
    }

    // The coarsest level is left on one half only, the finest on the other: both are as the rest.
    private static Sequence<UNetLevel> Uniform(UNetLevel[] levels)
    {
        if (levels.Length == 1)
            return [.. levels];
        levels[^1] = levels[^1] with { Down = levels[^1].Down with { Resampling = levels[^2].Down.Resampling } };
        levels[0] = levels[0] with { Up = levels[0].Up with { Resampling = levels[1].Up.Resampling } };
        return [.. levels];
    }

    private static bool IsLevel(TensorMapping tensors, int first, int blocks, bool leaves)
    {
        var attends = Attends(tensors, $"input_blocks.{first}");
        var channels = Channels(tensors, first);
        for (var block = 0; block < blocks; block++)
            if (channels is null || Channels(tensors, first + block) != channels
                || Attends(tensors, $"input_blocks.{first + block}") != attends)
                return false;
        return !leaves || (!Attends(tensors, $"input_blocks.{first + blocks}")
            && (tensors.Has($"input_blocks.{first + blocks}.0.op.weight") || Channels(tensors, first + blocks) == channels));
    }

    private static int? Channels(TensorMapping tensors, int index) => tensors.Has($"input_blocks.{index}.0.out_layers.3.weight")
        ? tensors.Sizes($"input_blocks.{index}.0.out_layers.3.weight", 4)[0]
        : null;

    private static Resampling Down(TensorMapping tensors, int index) =>
        Sampler(tensors, $"input_blocks.{index}", 0) ?? Resampling.Plain;

    // What stands behind a residual block and perhaps an attention.
    private static Resampling? Sampler(TensorMapping tensors, string place, int layer)
    {
        if (layer > 0 && Attends(tensors, place))
            layer++;
        return tensors.HasUnder($"{place}.{layer}.in_layers.") ? Resampling.Residual
            : tensors.Has($"{place}.{layer}.conv.weight") || tensors.Has($"{place}.{layer}.op.weight") ? Resampling.Convolution
            : null;
    }

    private static bool Attends(TensorMapping tensors, string place) => tensors.Has($"{place}.1.qkv.weight");

    private static int Count(TensorMapping tensors, string list)
    {
        var count = 0;
        while (tensors.HasUnder($"{list}.{count}."))
            count++;
        return count;
    }

    private static Goal Classifying(TensorMapping tensors) => tensors.Has("out.2.positional_embedding")
        ? new Goal.Classify(tensors.Sizes("out.2.c_proj.weight", 3)[0], ClassifierPooling.Attention)
        {
            Positions = tensors.Sizes("out.2.positional_embedding", 2)[1] - 1,
        }
        : tensors.Has("out.3.weight") ? new Goal.Classify(tensors.Sizes("out.3.weight", 4)[0])
        : throw tensors.Refusal("a classifier that pools spatial averages", "one that pools by attention or by the average");
}
