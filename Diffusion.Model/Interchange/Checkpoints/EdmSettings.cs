using Diffusion.Math.Values;
using Diffusion.Model.Formats.Torch;
using Diffusion.Model.Networks;

namespace Diffusion.Model.Interchange.Checkpoints;

/// <summary>What a network of EDM was made with.</summary>
/// <param name="tensors">Its tensors.</param>
/// <param name="model">Its class and arguments; what is not there has the class's default.</param>
internal sealed class EdmSettings(TensorMapping tensors, PickledModule model)
{
    private const int MostLevels = 16;

    private readonly bool _isSong = model.Class == "SongUNet";

    /// <summary>Height and width of its images.</summary>
    public int Size => SideOf(tensors);

    /// <summary>The network.</summary>
    /// <exception cref="Files.InputException">It is one that cannot be built here.</exception>
    public UNetShape Shape
    {
        get
        {
            if (!_isSong && model.Class != "DhariwalUNet")
                throw tensors.Refusal($"a {model.Class}", "a SongUNet or a DhariwalUNet");
            (string, string)[] types = [("embedding_type", "positional"), ("encoder_type", "standard"), ("decoder_type", "standard")];
            foreach (var (argument, value) in types)
                if (_isSong && model[argument] is PickleValue.Text text && text.Value != value)
                    throw tensors.Refusal($"{argument} = '{text.Value}', as NCSN++ has", $"'{value}', as DDPM++ has");
            if (Whole("channel_mult_emb", 4) != 4 || (_isSong && Whole("channel_mult_noise", 1) != 1))
                throw tensors.Refusal("embeddings of other widths", "channel_mult_emb = 4 and channel_mult_noise = 1");
            if (Wholes("resample_filter", [1, 1]) is not [1, 1])
                throw tensors.Refusal("a resample_filter of more than two weights, as NCSN++ has", "[1, 1], as DDPM++ has");
            var channels = Whole("model_channels", _isSong ? 128 : 192);
            var multiples = Wholes("channel_mult", _isSong ? [1, 2, 2, 2] : [1, 2, 3, 4]);
            if (multiples.Length is 0 or > MostLevels || multiples.Any(multiple => multiple is < 1 or > 1024)
                || channels is < 1 or > 65_536)
                throw tensors.Refusal($"channels of {multiples.Length} levels", $"1 to {MostLevels} levels of a network");
            var levels = multiples.Select((multiple, level) => Level(level, channels * multiple)).ToSequence();
            return _isSong ? Song(levels, channels) : Adm(levels, channels);
        }
    }

    /// <summary>The side of the images, which is part of the names of the tensors.</summary>
    public static int SideOf(TensorMapping tensors)
    {
        const string before = "model.enc.";
        const string behind = "_conv.weight";
        foreach (var name in tensors.Names.Where(name => name.StartsWith(before, StringComparison.Ordinal)))
            if (name.EndsWith(behind, StringComparison.Ordinal) && name[before.Length..^behind.Length].Split('x') is [var height, var width]
                && height == width && int.TryParse(
                    height, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var side)
                && side is >= 1 and <= 16_384)
                return side;
        throw tensors.Refusal("no tensor 'model.enc.NxN_conv.weight'", "a network of EDM for square images");
    }

    /// <summary>A number as Python has it; null for anything else.</summary>
    public static double? Number(PickleValue? value) => value switch
    {
        PickleValue.Real real => real.Value,
        PickleValue.Integer whole => (double)whole.Value,
        _ => null,
    };

    private UNetShape Song(Sequence<UNetLevel> levels, int channels) => Common(levels) with
    {
        StemChannels = channels == levels[0].Channels ? null : channels,
        Residual = new()
        {
            LeastGroupWidth = 4,
            Epsilon = 1e-6,
            Dropout = Dropout,
            Divisor = Sqrt(2),
            Shortcut = ResampledShortcut.Convolution,
        },
        Time = TimeEmbeddingShape.Ho with { Channels = channels == levels[0].Channels ? null : channels },
        Labels = Labels is { } labels ? labels with { Entry = LabelEntry.BeforeLayers } : null,
    };

    private UNetShape Adm(Sequence<UNetLevel> levels, int channels) => Common(levels) with
    {
        HeadChannels = 64,
        Residual = new() { LeastGroupWidth = 4, Epsilon = 1e-5, Dropout = Dropout, Injection = TimeInjection.ScaleAndShift },
        Time = new(FrequencyOrder.CosineFirst, 0) { Channels = channels == levels[0].Channels ? null : channels },
        Labels = Labels,
        // There, heads are counted in whole 64s: narrower levels have none.
        Middle = new() { Attention = levels[^1].Channels < 64 ? MiddleAttention.None : MiddleAttention.Normalised },
    };

    private UNetShape Common(Sequence<UNetLevel> levels) => new()
    {
        InputChannels = Whole("in_channels", 3),
        OutputChannels = Whole("out_channels", 3),
        Levels = levels,
        BlocksPerLevel = Whole("num_blocks", _isSong ? 4 : 3),
    };

    private UNetLevel Level(int level, int channels)
    {
        var attends = Wholes("attn_resolutions", _isSong ? [16] : [32, 16, 8]).Contains(Size >> level) && (_isSong || channels >= 64);
        BlockShape Half(LevelAttention attention) => new(attends ? attention : LevelAttention.None, Resampling.Residual);
        return new(channels, Half(LevelAttention.Self), Half(_isSong ? LevelAttention.Last : LevelAttention.Self));
    }

    private double Dropout => Number(model["dropout"]) is >= 0 and < 1 and var share ? share : 0.1;

    // A network that has seen images without labels knows what none is: zeros in the place of a label.
    private LabelShape? Labels => Whole("label_dim", 0) is > 0 and var classes
        ? new(classes, Number(model["label_dropout"]) > 0 ? NullLabel.Learned : NullLabel.Absent)
        : null;

    private int Whole(string argument, int otherwise) => model[argument] switch
    {
        null => otherwise,
        PickleValue.Integer { Value: var value } when value >= 0 && value <= 1 << 20 => (int)value,
        var other => throw tensors.Refusal($"{argument} = {other}", "a whole number"),
    };

    private int[] Wholes(string argument, int[] otherwise) => model[argument] switch
    {
        null => otherwise,
        PickleValue.List list => [.. list.Items.Select(Item)],
        PickleValue.Tuple tuple => [.. tuple.Items.Select(Item)],
        var other => throw tensors.Refusal($"{argument} = {other}", "whole numbers"),
    };

    private int Item(PickleValue value) => value is PickleValue.Integer { Value: var whole } && whole >= 0 && whole <= 1 << 20
        ? (int)whole
        : throw tensors.Refusal($"{value} in a list of settings", "a whole number");
}
