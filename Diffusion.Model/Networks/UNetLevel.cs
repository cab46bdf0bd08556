namespace Diffusion.Model.Networks;

/// <summary>One resolution of a U-Net: its width, and the blocks on the way down and on the way up.</summary>
/// <param name="Channels">Channels of every activation at this level.</param>
/// <param name="Down">The block of the encoding half.</param>
/// <param name="Up">The block of the decoding half.</param>
public sealed record UNetLevel(int Channels, BlockShape Down, BlockShape Up)
{
    /// <summary>A level of residual blocks only.</summary>
    public static UNetLevel Plain(int channels) => new(channels, default, default);

    /// <summary>A level whose residual blocks are each followed by self-attention, on both halves.</summary>
    public static UNetLevel Attending(int channels)
    {
        var block = new BlockShape(LevelAttention.Self, Resampling.Convolution);
        return new(channels, block, block);
    }
}

/// <summary>What one block of a level is made of.</summary>
/// <param name="Attention">Whether attention follows each residual block.</param>
/// <param name="Resampling">How the block leaves for the next level; of no effect on the last block of a half.</param>
public readonly record struct BlockShape(LevelAttention Attention, Resampling Resampling)
{
    /// <summary>Whether attention follows a residual block.</summary>
    /// <param name="block">Its number at its level and half.</param>
    /// <param name="count">How many there are.</param>
    internal bool Attends(int block, int count) =>
        Attention == LevelAttention.Self || (Attention == LevelAttention.Last && block == count - 1);
}

/// <summary>Whether the residual blocks of a level are followed by self-attention over its pixels.</summary>
public enum LevelAttention
{
    /// <summary>Residual blocks only.</summary>
    None,

    /// <summary>Self-attention after each residual block.</summary>
    Self,

    /// <summary>Self-attention after the last residual block. Song et al. 2021, on the way up.</summary>
    Last,

    /// <summary>Linear attention after the last residual block. Shen et al. 2018, "Efficient attention".</summary>
    Linear,
}

/// <summary>How activations change resolution by a factor of two between levels.</summary>
public enum Resampling
{
    /// <summary>Down: a 3×3 convolution of stride 2. Up: nearest neighbour, then a 3×3 convolution. Ho et al. 2020.</summary>
    Convolution,

    /// <summary>A residual block that averages or repeats pixels inside. Dhariwal and Nichol 2021.</summary>
    Residual,

    /// <summary>Averages or repeats pixels; no parameters.</summary>
    Plain,
}
