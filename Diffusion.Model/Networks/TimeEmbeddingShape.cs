using Diffusion.Math.Values;

namespace Diffusion.Model.Networks;

/// <summary>How a time becomes a vector: sines and cosines of the time at geometrically spaced frequencies.</summary>
/// <remarks>
/// frequency_i = 10000^(−i / (half − Shift)), i = 0 … half − 1. Vaswani et al. 2017, section 3.5; Ho et al. 2020 use Shift = 1.
/// </remarks>
/// <param name="Order">Which half of the vector comes first.</param>
/// <param name="Shift">Subtracted from the number of frequencies; 1 makes the last frequency exactly 1/10000.</param>
public sealed record TimeEmbeddingShape(FrequencyOrder Order, double Shift)
{
    /// <summary>The convention of Ho et al. 2020: sines first, shift 1.</summary>
    public static TimeEmbeddingShape Ho { get; } = new(FrequencyOrder.SineFirst, 1);

    /// <summary>Subtracted from the number of frequencies; 1 makes the last frequency exactly 1/10000.</summary>
    public double Shift { get; init => field = Require.Finite(value); } = Require.Finite(Shift);

    /// <summary>
    /// What times are multiplied by first; above 0. A chain of T steps that tells its network times from 0 to 1000 has 1000/T: Nichol and
    /// Dhariwal 2021 with T = 4000.
    /// </summary>
    public double Scale { get; init => field = Require.Positive(value); } = 1;

    /// <summary>Length of the vector; null for the channels of the finest level.</summary>
    public int? Channels { get; init => field = value is { } channels ? Require.AtLeast(channels, 2, nameof(Channels)) : null; }

    /// <summary>Length of the embedding behind the learned layers; null for four times <see cref="Channels"/>.</summary>
    public int? Width { get; init => field = value is { } width ? Require.AtLeast(width, 1, nameof(Width)) : null; }

    /// <summary>
    /// The frequencies themselves, in radians per unit of time; null for the geometric ones. Random ones, drawn before training and kept,
    /// are in Song et al. 2021, appendix C.1 (NCSN++), after Tancik et al. 2020.
    /// </summary>
    public Sequence<double>? Frequencies
    {
        get;
        init => field = value is null ? null
            : Require.NonEmpty(value.Select(number => Require.Finite(number, nameof(Frequencies))).ToSequence(), nameof(Frequencies));
    }

    /// <summary>
    /// The phases of as many cosines, in radians, each times √2 so that their mean square is 1: √2·cos(frequency·time + phase), in place of
    /// sines and cosines. Karras et al. 2024, Eq. 75. Null for sines and cosines.
    /// </summary>
    public Sequence<double>? Phases
    {
        get;
        init => field = value is null ? null
            : Require.NonEmpty(value.Select(number => Require.Finite(number, nameof(Phases))).ToSequence(), nameof(Phases));
    }
}

/// <summary>Which half of a sinusoidal embedding comes first.</summary>
public enum FrequencyOrder
{
    /// <summary>sin ‖ cos.</summary>
    SineFirst,

    /// <summary>cos ‖ sin.</summary>
    CosineFirst,
}
