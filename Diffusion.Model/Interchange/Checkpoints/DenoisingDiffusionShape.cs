using Diffusion.Math.Values;
using Diffusion.Model.Networks;

namespace Diffusion.Model.Interchange.Checkpoints;

/// <summary>What the tensors of denoising-diffusion-pytorch say of their network.</summary>
internal static class DenoisingDiffusionShape
{
    private const string Expected = "one of version 2 without it";

    /// <summary>The network.</summary>
    /// <exception cref="Files.InputException">It is one that cannot be built here; the message says what it has.</exception>
    public static UNetShape Of(TensorMapping tensors)
    {
        if (tensors.Has("downs.0.0.block1.norm.bias") || tensors.HasUnder("downs.0.2.fn."))
            throw tensors.Refusal("a network of denoising-diffusion-pytorch before version 2, with group normalisation",
                "one of version 2, with root mean square normalisation");
        if (tensors.HasUnder("classes_mlp.") || tensors.Has("null_classes_emb"))
            throw tensors.Refusal("a network conditioned on classes, of classifier_free_guidance.py", Expected);
        if (tensors.Has("time_mlp.0.weights"))
            throw tensors.Refusal(
                "learned or random frequencies of the log-SNR (learned_sinusoidal_cond, random_fourier_features)", Expected);
        if (!tensors.Has("downs.0.2.mem_kv"))
            throw tensors.Refusal("attention without learned keys and values, as in early networks of version 2", "one with mem_kv");
        var (entering, stem) = (tensors.Sizes("init_conv.weight", 4)[1], tensors.Sizes("init_conv.weight", 4)[0]);
        var leaving = tensors.Sizes("final_conv.weight", 4)[0];
        // The estimate of x_0 enters as well.
        if (entering == 2 * leaving)
            throw tensors.Refusal("self-conditioning: twice as many channels enter as leave", "a network without it");
        if (leaving != entering && leaving != 2 * entering)
            throw tensors.Refusal($"{entering} channels in and {leaving} out", "as many, or twice as many where a variance is learned");
        var count = 0;
        while (tensors.HasUnder($"downs.{count}."))
            count++;
        var time = tensors.Sizes("time_mlp.1.weight", 2)[1];
        var levels = Enumerable.Range(0, count).Select(level => Level(tensors, level, count)).ToSequence();
        return new()
        {
            Architecture = Heads(tensors, count),
            InputChannels = entering,
            OutputChannels = leaving,
            Levels = levels,
            StemChannels = stem == levels[0].Channels ? null : stem,
            Time = TimeEmbeddingShape.Ho with
            {
                Channels = time == levels[0].Channels ? null : time,
                Width = tensors.Sizes("time_mlp.1.weight", 2)[0] is var width && width == 4L * time ? null : width,
            },
        };
    }

    private static UNetLevel Level(TensorMapping tensors, int level, int count)
    {
        var leave = level < count - 1 ? $"downs.{level}.3.1.weight" : $"downs.{level}.3.weight";
        var block = new BlockShape(
            IsLinear(tensors, $"downs.{level}.2") ? LevelAttention.Linear : LevelAttention.Last, Resampling.Convolution);
        // The other half stands in the other order.
        if (IsLinear(tensors, $"downs.{level}.2") != IsLinear(tensors, $"ups.{count - 1 - level}.2"))
            throw tensors.Refusal($"linear attention on one half of level {level} only", "the same attention on both");
        return new(tensors.Sizes(leave, 4)[0], block, block);
    }

    private static bool IsLinear(TensorMapping tensors, string place) => tensors.Has($"{place}.to_out.0.weight");

    private static UNetArchitecture.PostNormalised Heads(TensorMapping tensors, int count)
    {
        var all = Enumerable.Range(0, count).SelectMany(level => new[] { $"downs.{level}.2", $"ups.{level}.2" }).Append("mid_attn")
            .Select(place => HeadsOf(tensors, place)).Distinct().ToArray();
        return all is [var only] ? only
            : throw tensors.Refusal($"attention heads that differ, {all[0].Heads} of {all[0].HeadChannels} channels and {all[1].Heads} of "
                + $"{all[1].HeadChannels} (attn_heads, attn_dim_head)", "the same at every level");
    }

    private static UNetArchitecture.PostNormalised HeadsOf(TensorMapping tensors, string place)
    {
        var memory = tensors.Sizes($"{place}.mem_kv", 4);
        var (channels, memories) = IsLinear(tensors, place) ? (memory[2], memory[3]) : (memory[3], memory[2]);
        return new(memory[1], channels, memories);
    }
}
