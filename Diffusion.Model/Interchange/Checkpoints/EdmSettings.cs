using Diffusion.Math.Values;
using Diffusion.Model.Formats.Torch;
using Diffusion.Model.Networks;

namespace Diffusion.Model.Interchange.Checkpoints;

/// <summary>What a network of EDM was made with.</summary>
/// <param name="tensors">Its tensors.</param>
/// <param name="model">Its class and arguments; what is not there has the class's default.</param>
internal sealed class EdmSettings(TensorMapping tensors, PickledModule model)
{
    /// <summary>The name of the frequencies of an NCSN++ network.</summary>
    public const string Frequencies = "model.map_noise.freqs";

    private const int MostLevels = 16;

    private readonly ModuleArguments _arguments = new(tensors, model);
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
            (string, string[])[] types =
            [
                ("embedding_type", ["positional", "fourier"]), ("encoder_type", ["standard", "residual"]), ("decoder_type", ["standard"]),
            ];
            foreach (var (argument, values) in types)
                if (_isSong && model[argument] is PickleValue.Text text && !values.Contains(text.Value))
                    throw tensors.Refusal($"{argument} = '{text.Value}'", string.Join(" or ", values.Select(value => $"'{value}'")));
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
    /// <param name="tensors">The tensors.</param>
    /// <param name="before">What stands before it in the name of the first convolution.</param>
    public static int SideOf(TensorMapping tensors, string before = "model.enc.")
    {
        const string behind = "_conv.weight";
        foreach (var name in tensors.Names.Where(name => name.StartsWith(before, StringComparison.Ordinal)))
            if (name.EndsWith(behind, StringComparison.Ordinal) && name[before.Length..^behind.Length].Split('x') is [var height, var width]
                && height == width && int.TryParse(
                    height, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var side)
                && side is >= 1 and <= 16_384)
                return side;
        throw tensors.Refusal($"no tensor '{before}NxN_conv.weight'", "a network of EDM for square images");
    }

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
            Filter = _arguments.Filter,
        },
        Entry = _arguments.Is("encoder_type", "residual") ? StateEntry.EveryLevel : StateEntry.Finest,
        Time = Embedding(TimeEmbeddingShape.Ho, levels, channels) with
        {
            // Cycles per unit of time there.
            Frequencies = _arguments.Is("embedding_type", "fourier")
                ? tensors.Numbers(Frequencies).Select(cycles => 2 * PI * cycles).ToSequence()
                : null,
        },
        Labels = Labels is { } labels ? labels with { Entry = LabelEntry.BeforeLayers } : null,
    };

    private UNetShape Adm(Sequence<UNetLevel> levels, int channels) => Common(levels) with
    {
        HeadChannels = 64,
        Residual = new() { LeastGroupWidth = 4, Epsilon = 1e-5, Dropout = Dropout, Injection = TimeInjection.ScaleAndShift },
        Time = Embedding(new(FrequencyOrder.CosineFirst, 0), levels, channels),
        Labels = Labels,
        // There, heads are counted in whole 64s: narrower levels have none.
        Middle = new() { Attention = levels[^1].Channels < 64 ? MiddleAttention.None : MiddleAttention.Normalised },
    };

    private TimeEmbeddingShape Embedding(TimeEmbeddingShape embedding, Sequence<UNetLevel> levels, int channels)
    {
        var length = _isSong ? (long)channels * Whole("channel_mult_noise", 1) : channels;
        var width = (long)channels * Whole("channel_mult_emb", 4);
        if (length > 1 << 20 || width is < 1 or > 1 << 20)
            throw tensors.Refusal($"embeddings of {length} and {width} channels", "those of a network");
        return embedding with
        {
            Channels = length == levels[0].Channels ? null : (int)length,
            Width = width == 4 * length ? null : (int)width,
        };
    }

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

    private double Dropout => _arguments.Share("dropout", 0.1);

    // A network that has seen images without labels knows what none is: zeros in the place of a label.
    private LabelShape? Labels => Whole("label_dim", 0) is > 0 and var classes
        ? new(classes, _arguments.Number("label_dropout", 0) > 0 ? NullLabel.Learned : NullLabel.Absent)
        : null;

    private int Whole(string argument, int otherwise) => _arguments.Whole(argument, otherwise);

    private int[] Wholes(string argument, int[] otherwise) => _arguments.Wholes(argument, otherwise);
}
