using Diffusion.Math.Values;

namespace Diffusion.Model.Networks;

/// <summary>
/// Everything that fixes a U-Net but its weights. A value: shapes can be compared, changed by <c>with</c> and written as JSON.
/// </summary>
/// <remarks>
/// Ho et al. 2020, appendix B, in the family of diffusers' <c>UNet2DModel</c>. The defaults are Ho's conventions. Properties check
/// themselves; how they fit together is checked by <see cref="Faults"/>.
/// </remarks>
public sealed record UNetShape
{
    private const int MostPatch = 16;

    /// <summary>The family of layers.</summary>
    public UNetArchitecture Architecture { get; init; } = new UNetArchitecture.PreNormalised();

    /// <summary>Channels of the state.</summary>
    public int InputChannels { get; init => field = Require.AtLeast(value, 1); } = 3;

    /// <summary>Channels of the output: those of the state, or twice as many where the network also predicts a variance.</summary>
    public int OutputChannels { get; init => field = Require.AtLeast(value, 1); } = 3;

    /// <summary>
    /// The side of the squares of pixels that the network takes as one place with patch² times the channels; 1 for the pixels themselves.
    /// </summary>
    /// <remarks>
    /// Space to depth before the first convolution and depth to space behind the last one (Shi et al. 2016): the finest level has
    /// 1/patch² of the places, so that the same time buys wider channels. Hoogeboom, Heek and Salimans 2023, "Simple diffusion", Section
    /// 3.2, and the patches of Peebles and Xie 2022, inside a U-Net.
    /// </remarks>
    public int Patch { get; init => field = Require.AtLeast(value, 1); } = 1;

    /// <summary>The levels, finest first; each halves the resolution of the one before.</summary>
    public required Sequence<UNetLevel> Levels { get; init => field = Require.NonEmpty(value); }

    /// <summary>Residual blocks of a level on the way down; on the way up there is one more.</summary>
    public int BlocksPerLevel { get; init => field = Require.AtLeast(value, 1); } = 2;

    /// <summary>The residual blocks.</summary>
    public ResidualShape Residual { get; init; } = new();

    /// <summary>The middle.</summary>
    public MiddleShape Middle { get; init; } = new();

    /// <summary>Channels of an attention head, which must divide those of every attending level; null for a single head.</summary>
    public int? HeadChannels { get; init => field = value is { } width ? Require.AtLeast(width, 1, nameof(HeadChannels)) : null; }

    /// <summary>
    /// Number of attention heads, which must divide the channels of every attending level; null where <see cref="HeadChannels"/> says it.
    /// </summary>
    public int? Heads { get; init => field = value is { } count ? Require.AtLeast(count, 1, nameof(Heads)) : null; }

    /// <summary>The embedding of time.</summary>
    public TimeEmbeddingShape Time { get; init; } = TimeEmbeddingShape.Ho;

    /// <summary>The embedding of class labels, or null for an unconditional network.</summary>
    public LabelShape? Labels { get; init; }

    /// <summary>Channels behind the first convolution; null for those of the finest level.</summary>
    public int? StemChannels { get; init => field = value is { } channels ? Require.AtLeast(channels, 1, nameof(StemChannels)) : null; }

    /// <summary>The padding of stride-2 convolutions.</summary>
    public DownsamplePadding Padding { get; init; }

    /// <summary>Where the state enters.</summary>
    public StateEntry Entry { get; init; }

    /// <summary>What is done to the state first.</summary>
    public InputCentring Centring { get; init; }

    /// <summary>The CIFAR-10 network of Ho et al. 2020: 35,746,307 parameters.</summary>
    public static UNetShape Paper { get; } = new()
    {
        Levels = [UNetLevel.Plain(128), UNetLevel.Attending(256), UNetLevel.Plain(256), UNetLevel.Plain(256)],
        Residual = new() { Dropout = 0.1 },
    };

    /// <summary>Whether the second half of the output is about a variance.</summary>
    public bool PredictsVariance => OutputChannels == 2 * InputChannels;

    /// <summary>Channels of the finest level.</summary>
    public int BaseChannels => Levels[0].Channels;

    /// <summary>Channels behind the first convolution.</summary>
    public int FirstChannels => StemChannels ?? BaseChannels;

    /// <summary>Length of the sinusoidal embedding of time.</summary>
    public int TimeChannels => Time.Channels ?? BaseChannels;

    /// <summary>Length of the embedding of time and label.</summary>
    public int EmbeddingChannels => Time.Width ?? 4 * TimeChannels;

    /// <summary>Length of what every block is given of time and label.</summary>
    internal int ConditionChannels => Labels is { Entry: LabelEntry.Beside } ? 2 * EmbeddingChannels : EmbeddingChannels;

    /// <summary>Channels that enter a level on the way down.</summary>
    internal int EnteringChannels(int level) => level == 0 ? FirstChannels : Levels[level - 1].Channels;

    /// <summary>Channels of an attention head at a level of <paramref name="channels"/> channels.</summary>
    public int HeadChannelsAt(int channels) => HeadChannels ?? channels / (Heads ?? 1);

    /// <summary>Height and width inside the network are multiples of this; other sizes are padded, and the output cropped.</summary>
    public int SizeMultiple => Patch << (Levels.Count - 1);

    /// <summary>Channels that enter the first convolution.</summary>
    internal int PatchedInput => InputChannels * Patch * Patch;

    /// <summary>Channels that leave the last convolution.</summary>
    internal int PatchedOutput => OutputChannels * Patch * Patch;

    /// <summary>What does not fit together, in sentences; empty for a shape that a network can be built from.</summary>
    public IEnumerable<string> Faults()
    {
        if (Levels.Count > 16)
            yield return $"{Levels.Count} levels are more than the 16 that can be halved.";
        if (Patch > MostPatch)
            yield return $"Patches of {Patch}×{Patch} pixels are larger than {MostPatch}×{MostPatch}.";
        foreach (var fault in Architecture.Faults(this))
            yield return fault;
        foreach (var fault in Architecture is UNetArchitecture.PreNormalised ? GroupFaults() : [])
            yield return fault;
        if (HeadChannels is { } width)
            foreach (var channels in AttendingChannels().Distinct().Where(channels => channels % width != 0))
                yield return $"{channels} channels cannot be divided into attention heads of {width}.";
        if (Heads is { } count)
            foreach (var channels in AttendingChannels().Distinct().Where(channels => channels % count != 0))
                yield return $"{channels} channels cannot be divided into {count} attention heads.";
        if (Heads is not null && HeadChannels is not null)
            yield return $"Attention has {Heads} heads or heads of {HeadChannels} channels, not both.";
        if (Levels.Any(level => level.Channels < 1))
            yield return "Every level has at least one channel.";
        foreach (var fault in TimeFaults())
            yield return fault;
    }

    private IEnumerable<string> TimeFaults()
    {
        if (Time.Frequencies is not { } frequencies)
        {
            if (TimeChannels / 2 <= Time.Shift)
                yield return $"A frequency shift of {Time.Shift} needs more than {TimeChannels} channels " +
                    (Time.Channels is null ? "at the finest level." : "of the time.");
            if (Time.Phases is not null)
                yield return "Phases belong to frequencies that are given.";
            yield break;
        }
        var made = Time.Phases is null ? 2 * frequencies.Count : frequencies.Count;
        if (made != TimeChannels || (Time.Phases?.Count ?? made) != made)
            yield return $"{frequencies.Count} frequencies and {Time.Phases?.Count ?? 0} phases do not make {TimeChannels} channels "
                + "of the time.";
    }

    private IEnumerable<string> GroupFaults()
    {
        foreach (var channels in Levels.Select(level => level.Channels).Distinct())
            if (channels < 1 || channels % Residual.GroupsOf(channels) != 0)
                yield return $"{channels} channels cannot be normalised in {Residual.GroupsOf(channels)} groups.";
        // Where narrow levels have fewer groups, so may what is joined on the way up.
        if (StemChannels is not null || Residual.LeastGroupWidth > 1)
            foreach (var channels in JoinedChannels().Distinct().Where(channels => channels % Residual.GroupsOf(channels) != 0))
                yield return $"{channels} channels, which two activations have together, cannot be normalised in " +
                    $"{Residual.GroupsOf(channels)} groups.";
        if (Middle is { Attention: MiddleAttention.Normalised, Groups: { } groups } && Levels[^1].Channels % groups != 0)
            yield return $"{Levels[^1].Channels} channels cannot be normalised in {groups} groups before the middle attention.";
    }

    // Of every input of a residual block: the stem, and state and skip on the way up.
    private IEnumerable<int> JoinedChannels()
    {
        if (Levels.Count > 16 || BlocksPerLevel > 256)
            yield break;
        var widths = new Stack<int>([FirstChannels]);
        yield return FirstChannels;
        for (var level = 0; level < Levels.Count; level++)
            for (var block = 0; block < BlocksPerLevel + (level < Levels.Count - 1 ? 1 : 0); block++)
                widths.Push(Levels[level].Channels);
        var state = Levels[^1].Channels;
        for (var level = Levels.Count - 1; level >= 0; level--)
            for (var block = 0; block <= BlocksPerLevel; block++, state = Levels[level].Channels)
                yield return state + widths.Pop();
    }

    private IEnumerable<int> AttendingChannels()
    {
        foreach (var level in Levels)
            if (level.Down.Attention != LevelAttention.None || level.Up.Attention != LevelAttention.None)
                yield return level.Channels;
        if (Middle.Attention != MiddleAttention.None)
            yield return Levels[^1].Channels;
    }
}
