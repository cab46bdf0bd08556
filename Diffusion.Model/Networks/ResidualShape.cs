using Diffusion.Math.Values;

namespace Diffusion.Model.Networks;

/// <summary>The residual blocks of a U-Net.</summary>
public sealed record ResidualShape
{
    /// <summary>Groups of every group normalisation; must divide the channels of every level.</summary>
    public int Groups { get; init => field = Require.AtLeast(value, 1); } = 32;

    /// <summary>Channels that a group has at least: narrow activations have fewer groups. Karras et al. 2022 have 4.</summary>
    public int LeastGroupWidth { get; init => field = Require.AtLeast(value, 1); } = 1;

    /// <summary>What every sum of a branch and its input is divided by, that of attention as well; √2 in Song et al. 2021.</summary>
    public double Divisor { get; init => field = Require.Positive(value); } = 1;

    /// <summary>The shortcut of a block that changes the resolution.</summary>
    public ResampledShortcut Shortcut { get; init; }

    /// <summary>What a block that changes the resolution is smoothed by.</summary>
    public ResamplingFilter Filter { get; init; }

    /// <summary>Added to the variance in every group normalisation.</summary>
    public double Epsilon { get; init => field = Require.Positive(value); } = 1e-6;

    /// <summary>Probability, in [0, 1), with which an activation before the second convolution is zeroed in training.</summary>
    public double Dropout { get; init => field = value is >= 0 and < 1 ? value : Require.Within(value, 0, BitDecrement(1.0)); }

    /// <summary>How the embedding of time and label enters.</summary>
    public TimeInjection Injection { get; init; }

    /// <summary>Groups of a normalisation of so many channels.</summary>
    public int GroupsOf(long channels) => (int)Max(1, Min(Groups, channels / LeastGroupWidth));
}

/// <summary>The shortcut of a residual block that changes the resolution and keeps the channels.</summary>
public enum ResampledShortcut
{
    /// <summary>Averages or repeats pixels. Dhariwal and Nichol 2021.</summary>
    Plain,

    /// <summary>The same with a 1×1 convolution behind. Song et al. 2021.</summary>
    Convolution,
}

/// <summary>What activations are smoothed by where a residual block halves or doubles their resolution.</summary>
public enum ResamplingFilter
{
    /// <summary>Averages of 2×2 pixels; pixels are repeated. The weights are [1, 1] in each direction.</summary>
    Box,

    /// <summary>[1, 3, 3, 1] in each direction. Song et al. 2021 (NCSN++), after Zhang 2019.</summary>
    Binomial,
}

/// <summary>How the embedding of time and label enters a residual block.</summary>
public enum TimeInjection
{
    /// <summary>A shift per channel before the second normalisation. Ho et al. 2020.</summary>
    Shift,

    /// <summary>A scale and a shift per channel after the second normalisation. Nichol and Dhariwal 2021.</summary>
    ScaleAndShift,
}
