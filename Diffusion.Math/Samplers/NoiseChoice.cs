using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;

namespace Diffusion.Math.Samplers;

/// <summary>Schedules and grids as a person asks for them.</summary>
public static class NoiseChoice
{
    /// <summary>Schedules with their published settings, by their words.</summary>
    public static Sequence<(string Word, NoiseSchedule Schedule)> Schedules { get; } =
    [
        ("linear", new NoiseSchedule.Linear()),
        ("cosine", new NoiseSchedule.Cosine()),
        ("quadratic", new NoiseSchedule.Quadratic()),
        ("sigmoid", new NoiseSchedule.SigmoidBeta()),
        ("sigmoid-signal", new NoiseSchedule.SigmoidSignal()),
        ("constant", new NoiseSchedule.Constant()),
        ("warm-up", new NoiseSchedule.WarmUp()),
        ("harmonic", new NoiseSchedule.Harmonic()),
        ("zero-snr", new NoiseSchedule.ZeroTerminalSnr(new NoiseSchedule.Linear())),
        ("vp", new NoiseSchedule.VariancePreserving()),
        ("ve", new NoiseSchedule.VarianceExploding()),
        ("edm", new NoiseSchedule.Edm()),
        ("flow", new NoiseSchedule.RectifiedFlow()),
    ];

    /// <summary>Spacings, by their words.</summary>
    public static Sequence<(string Word, Spacing Spacing)> Spacings { get; } =
        Enum.GetValues<Spacing>().Select(spacing => (spacing.ToString().ToLowerInvariant(), spacing)).ToSequence();

    /// <summary>What becomes of estimates out of the data's range, by their words. The threshold is that of Saharia et al. 2022.</summary>
    public static Sequence<(string Word, Clipping Clipping)> Clippings { get; } =
    [
        ("clip", new Clipping.Clip()),
        ("none", new Clipping.None()),
        ("dynamic", new Clipping.Dynamic(new(0.995, double.MaxValue))),
    ];
}
