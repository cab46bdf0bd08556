using Diffusion.Math.Values;
using Diffusion.Model.Networks;

namespace Diffusion.Model.Interchange.Checkpoints;

/// <summary>What a network of EDM2 was made with.</summary>
internal static class Edm2Shape
{
    private const int MostLevels = 16;

    /// <summary>The side of the images, which is part of the names of the tensors.</summary>
    public static int SideOf(TensorMapping tensors) => EdmSettings.SideOf(tensors, "unet.enc.");

    /// <summary>The network.</summary>
    /// <exception cref="Files.InputException">It is one that cannot be built here.</exception>
    public static UNetShape Of(TensorMapping tensors, ModuleArguments settings)
    {
        var channels = settings.Whole("model_channels", 192);
        var multiples = settings.Wholes("channel_mult", [1, 2, 3, 4]);
        if (multiples.Length is 0 or > MostLevels || multiples.Any(multiple => multiple is < 1 or > 1024) || channels is < 1 or > 1024)
            throw tensors.Refusal($"channels of {multiples.Length} levels", $"1 to {MostLevels} levels of a network");
        var heads = settings.Whole("channels_per_head", 64);
        var attending = settings.Wholes("attn_resolutions", [16, 8]);
        var size = SideOf(tensors);
        var levels = multiples.Select((multiple, level) =>
        {
            // There, heads are counted in whole ones: narrower levels have none.
            var attends = attending.Contains(size >> level) && channels * multiple >= heads;
            var block = new BlockShape(attends ? LevelAttention.Self : LevelAttention.None, Resampling.Residual);
            return new UNetLevel(channels * multiple, block, block);
        }).ToSequence();
        var time = Embedded(tensors, channels, settings.Whole("channel_mult_noise", multiples[0]));
        return new()
        {
            Architecture = new UNetArchitecture.MagnitudePreserving(
                settings.Number("res_balance", 0.3), settings.Number("attn_balance", 0.3), settings.Number("concat_balance", 0.5),
                settings.Number("label_balance", 0.5))
            {
                Limit = settings.IsNone("clip_act") ? null : settings.Number("clip_act", 256),
            },
            InputChannels = settings.Whole("img_channels", 3),
            OutputChannels = settings.Whole("img_channels", 3),
            Levels = levels,
            BlocksPerLevel = settings.Whole("num_blocks", 3),
            Residual = new() { Dropout = settings.Share("dropout", 0), Filter = settings.Filter },
            HeadChannels = heads,
            Middle = new() { Attention = levels[^1].Channels < heads ? MiddleAttention.None : MiddleAttention.Normalised },
            Labels = settings.Whole("label_dim", 0) is > 0 and var classes ? new(classes, NullLabel.Absent) : null,
            Time = TimeEmbeddingShape.Ho with
            {
                Channels = time == levels[0].Channels ? null : time,
                Width = Embedded(tensors, channels, settings.Whole("channel_mult_emb", multiples.Max())),
                Frequencies = tensors.Numbers("unet.emb_fourier.freqs").ToSequence(),
                Phases = tensors.Numbers("unet.emb_fourier.phases").ToSequence(),
            },
        };
    }

    private static int Embedded(TensorMapping tensors, int channels, int multiple) =>
        (long)channels * multiple is >= 2 and <= 1 << 20 and var width ? (int)width
        : throw tensors.Refusal($"embeddings of {(long)channels * multiple} channels", "those of a network");
}
