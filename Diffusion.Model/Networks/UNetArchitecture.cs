using Diffusion.Math.Values;

namespace Diffusion.Model.Networks;

/// <summary>The family of layers that a U-Net is made of. A closed union.</summary>
/// <remarks>Levels, widths, labels and the embedding of time are said by <see cref="UNetShape"/> for all of them.</remarks>
public abstract record UNetArchitecture
{
    private UNetArchitecture()
    {
    }

    /// <summary>What a shape says that has no meaning in this family, in sentences.</summary>
    internal abstract IEnumerable<string> Faults(UNetShape shape);

    /// <summary>
    /// Group normalisation before each convolution. Ho et al. 2020, appendix B, and its relatives: Nichol and Dhariwal 2021, Song et al.
    /// 2021 (DDPM++ and NCSN++), Dhariwal and Nichol 2021 (ADM).
    /// </summary>
    public sealed record PreNormalised : UNetArchitecture
    {
        internal override IEnumerable<string> Faults(UNetShape shape)
        {
            if (shape.Levels.Any(level => LevelAttention.Linear == level.Down.Attention || LevelAttention.Linear == level.Up.Attention))
                yield return "Linear attention belongs to networks of root mean square normalisation.";
            if (shape.Labels is { Entry: LabelEntry.Beside })
                yield return "Labels beside the time belong to networks of root mean square normalisation.";
        }
    }

    /// <summary>
    /// Root mean square normalisation behind each convolution (Zhang and Sennrich 2019), two blocks and one attention per level, linear
    /// (Shen et al. 2018) or full, with learned keys and values beside those of the pixels; the output of the first convolution
    /// is joined to the last block's input. Labels enter beside the time. The network of denoising-diffusion-pytorch.
    /// </summary>
    /// <param name="Heads">Attention heads; at least 1.</param>
    /// <param name="HeadChannels">Channels of a head; at least 1. Heads × channels need not be the channels of the level.</param>
    /// <param name="Memories">Learned keys and values of each attention; at least 0.</param>
    public sealed record PostNormalised(int Heads = 4, int HeadChannels = 32, int Memories = 4) : UNetArchitecture
    {
        /// <summary>Residual blocks of a level and half.</summary>
        internal const int Blocks = 2;

        /// <summary>Attention heads; at least 1.</summary>
        public int Heads { get; init => field = Require.AtLeast(value, 1, nameof(Heads)); } = Require.AtLeast(Heads, 1);

        /// <summary>Channels of a head; at least 1.</summary>
        public int HeadChannels { get; init => field = Require.AtLeast(value, 1, nameof(HeadChannels)); } =
            Require.AtLeast(HeadChannels, 1);

        /// <summary>Learned keys and values of each attention; at least 0.</summary>
        public int Memories { get; init => field = Require.AtLeast(value, 0, nameof(Memories)); } = Require.AtLeast(Memories, 0);

        /// <summary>How a level is left for the next coarser one.</summary>
        public Halving Halving { get; init; }

        /// <summary>Channels of the queries of all heads.</summary>
        internal long Width => (long)Heads * HeadChannels;

        internal override IEnumerable<string> Faults(UNetShape shape)
        {
            if (shape.Levels.Any(level => level.Up != level.Down || level.Down.Resampling != Resampling.Convolution
                || level.Down.Attention is not (LevelAttention.Linear or LevelAttention.Last)))
                yield return "Every level of a network of root mean square normalisation has linear attention, or attention behind the "
                    + "last block, the same on both halves.";
            if (Width > 1 << 20)
                yield return $"{Heads} attention heads of {HeadChannels} channels are more than a network has.";
            if (shape != new UNetShape
            {
                Architecture = this,
                InputChannels = shape.InputChannels,
                OutputChannels = shape.OutputChannels,
                Levels = shape.Levels,
                BlocksPerLevel = Blocks,
                Residual = new() { Dropout = shape.Residual.Dropout },
                StemChannels = shape.StemChannels,
                Time = shape.Time,
                Labels = shape.Labels is { } labels ? new(labels.Classes, labels.Null) { Entry = LabelEntry.Beside } : null,
            })
                yield return $"A network of root mean square normalisation has {Blocks} blocks per level, labels beside the time or none, "
                    + "and of residual blocks and attention no other settings than dropout and its own heads.";
        }
    }

    /// <summary>
    /// Weights and activations keep their magnitude: weights are normalised wherever they are used, sums and concatenations are weighted.
    /// Karras et al. 2024, "Analyzing and improving the training dynamics of diffusion models" (EDM2), Figure 21.
    /// </summary>
    /// <param name="ResidualBalance">Share of the residual branch in its sum with the main one, in [0, 1].</param>
    /// <param name="AttentionBalance">Share of attention in its sum with the main branch, in [0, 1].</param>
    /// <param name="SkipBalance">Share of a skip connection in its concatenation with the main branch, in [0, 1].</param>
    /// <param name="LabelBalance">Share of the label in its sum with the time, in [0, 1].</param>
    public sealed record MagnitudePreserving(
        double ResidualBalance = 0.3, double AttentionBalance = 0.3, double SkipBalance = 0.5, double LabelBalance = 0.5) : UNetArchitecture
    {
        /// <summary>Share of the residual branch in its sum with the main one, in [0, 1].</summary>
        public double ResidualBalance { get; init => field = Require.Within(value, 0, 1, nameof(ResidualBalance)); } =
            Require.Within(ResidualBalance, 0, 1);

        /// <summary>Share of attention in its sum with the main branch, in [0, 1].</summary>
        public double AttentionBalance { get; init => field = Require.Within(value, 0, 1, nameof(AttentionBalance)); } =
            Require.Within(AttentionBalance, 0, 1);

        /// <summary>Share of a skip connection in its concatenation with the main branch, in [0, 1].</summary>
        public double SkipBalance { get; init => field = Require.Within(value, 0, 1, nameof(SkipBalance)); } =
            Require.Within(SkipBalance, 0, 1);

        /// <summary>Share of the label in its sum with the time, in [0, 1].</summary>
        public double LabelBalance { get; init => field = Require.Within(value, 0, 1, nameof(LabelBalance)); } =
            Require.Within(LabelBalance, 0, 1);

        /// <summary>What activations behind a block are limited to, above 0; null for no limit.</summary>
        public double? Limit { get; init => field = value is { } limit ? Require.Positive(limit, nameof(Limit)) : null; } = 256;

        internal override IEnumerable<string> Faults(UNetShape shape)
        {
            if (shape.Levels.Any(level => level.Up != level.Down || level.Down.Resampling != Resampling.Residual
                || level.Down.Attention is not (LevelAttention.None or LevelAttention.Self)))
                yield return "Every level of a magnitude-preserving network has attention behind every block or none, the same on both "
                    + "halves, and blocks that resample.";
            if (shape.HeadChannels is null)
                yield return "A magnitude-preserving network has attention heads of a number of channels.";
            if (shape != new UNetShape
            {
                Architecture = this,
                InputChannels = shape.InputChannels,
                OutputChannels = shape.OutputChannels,
                Levels = shape.Levels,
                BlocksPerLevel = shape.BlocksPerLevel,
                Residual = new() { Dropout = shape.Residual.Dropout, Filter = shape.Residual.Filter },
                Middle = new() { Attention = shape.Middle.Attention },
                HeadChannels = shape.HeadChannels,
                Time = shape.Time,
                Labels = shape.Labels is { } labels ? new(labels.Classes, labels.Null) : null,
            })
                yield return "A magnitude-preserving network has of residual blocks no other settings than dropout and the filter, and of "
                    + "labels none but their number.";
        }
    }
}

/// <summary>How a level of a network of root mean square normalisation is left for the next coarser one.</summary>
public enum Halving
{
    /// <summary>Squares of 2×2 pixels become channels, and a 1×1 convolution follows.</summary>
    Gathered,

    /// <summary>A 4×4 convolution of stride 2.</summary>
    Strided,
}
