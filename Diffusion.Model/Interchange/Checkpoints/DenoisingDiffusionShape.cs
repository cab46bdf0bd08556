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
        if (Variant(tensors) is { } variant)
            throw tensors.Refusal(variant, Expected);
        var areLabelled = tensors.Has("null_classes_emb");
        if (tensors.Has("downs.0.0.block1.norm.bias") || (tensors.HasUnder("downs.0.2.fn.") && !areLabelled)
            || (areLabelled && !tensors.Has("downs.0.0.block1.norm.g")))
            throw tensors.Refusal("a network of denoising-diffusion-pytorch before version 2, with group normalisation",
                "one of version 2, with root mean square normalisation");
        if (!tensors.Has("downs.0.2.mem_kv") && !areLabelled)
            throw tensors.Refusal("attention without learned keys and values, as in early networks of version 2", "one with mem_kv");
        var (entering, stem) = (tensors.Sizes("init_conv.weight", 4)[1], tensors.Sizes("init_conv.weight", 4)[0]);
        var leaving = tensors.Sizes("final_conv.weight", 4)[0];
        // The estimate of x_0 enters as well.
        if (entering == 2 * leaving)
            throw tensors.Refusal("self-conditioning: twice as many channels enter as leave", "a network without it");
        // Two weights stand behind two estimates of an image.
        if (leaving == 2 * entering + 2)
            throw tensors.Refusal("estimates of noise and image that are weighed (WeightedObjectiveGaussianDiffusion)",
                "a network that predicts one of them");
        if (leaving != entering && leaving != 2 * entering)
            throw tensors.Refusal($"{entering} channels in and {leaving} out", "as many, or twice as many where a variance is learned");
        var count = 0;
        while (tensors.HasUnder($"downs.{count}."))
            count++;
        var time = tensors.Sizes("time_mlp.1.weight", 2)[1];
        var levels = Enumerable.Range(0, count).Select(level => Level(tensors, level, count)).ToSequence();
        return new()
        {
            Labels = areLabelled
                ? new(tensors.Sizes("classes_emb.weight", 2)[0], NullLabel.Learned) { Entry = LabelEntry.Beside } : null,
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

    // The networks of its other files, each by what only it has.
    private static string? Variant(TensorMapping tensors) =>
        tensors.Rank("init_conv.weight") is 3 ? "a Unet1D, of sequences"
        : tensors.Rank("init_conv.weight") is 5 ? "a network of videos"
        : tensors.HasUnder("vit.") ? "a UViT, of simple_diffusion.py"
        : tensors.Has("time_mlp.0.weights")
            ? "learned or random frequencies of the log-SNR (learned_sinusoidal_cond, random_fourier_features), which its diffusions over "
                + "continuous time (ContinuousTimeGaussianDiffusion, VParamContinuousTimeGaussianDiffusion, ElucidatedDiffusion) need, and "
                + "whose schedule no file says"
        : null;

    private static UNetLevel Level(TensorMapping tensors, int level, int count)
    {
        var leave = level < count - 1 && tensors.Has($"downs.{level}.3.1.weight") ? $"downs.{level}.3.1.weight" : $"downs.{level}.3.weight";
        var block = new BlockShape(
            IsLinear(tensors, $"downs.{level}.2") ? LevelAttention.Linear : LevelAttention.Last, Resampling.Convolution);
        // The other half stands in the other order.
        if (IsLinear(tensors, $"downs.{level}.2") != IsLinear(tensors, $"ups.{count - 1 - level}.2"))
            throw tensors.Refusal($"linear attention on one half of level {level} only", "the same attention on both");
        return new(tensors.Sizes(leave, 4)[0], block, block);
    }

    /// <summary>Where the normalisation of an attention is, and the attention behind it.</summary>
    public static (string Norm, string Attention) PlacesOf(TensorMapping tensors, string place) =>
        tensors.HasUnder($"{place}.fn.") ? ($"{place}.fn.norm", $"{place}.fn.fn") : ($"{place}.norm", place);

    private static bool IsLinear(TensorMapping tensors, string place) =>
        tensors.Has($"{PlacesOf(tensors, place).Attention}.to_out.0.weight");

    private static UNetArchitecture.PostNormalised Heads(TensorMapping tensors, int count)
    {
        // A file does not say how channels are divided into heads where there are no learned ones among them.
        if (!tensors.Has("downs.0.2.mem_kv"))
        {
            var usual = new UNetArchitecture.PostNormalised();
            if (tensors.Sizes("mid_attn.fn.fn.to_qkv.weight", 4)[0] is var rows && rows != 3 * usual.Width)
                throw tensors.Refusal($"attention of {rows / 3} channels (attn_heads, attn_dim_head)",
                    $"{usual.Heads} heads of {usual.HeadChannels}, as at every other place");
            return new() { Memories = 0, Halving = tensors.Has("downs.0.3.1.weight") ? Halving.Gathered : Halving.Strided };
        }
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
