using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;

namespace Diffusion.Host.Samplers;

/// <summary>Schedules and grids as a person asks for them.</summary>
public static class NoiseChoice
{
    /// <summary>Schedules with their published settings, by their words.</summary>
    public static (string Word, NoiseSchedule Schedule)[] Schedules { get; } =
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
    ];

    /// <summary>Grids of a number of steps, by their words.</summary>
    public static (string Word, Func<int, TimestepSpacing> Grid)[] Grids { get; } =
    [
        ("leading", steps => new TimestepSpacing.Leading(steps)),
        ("trailing", steps => new TimestepSpacing.Trailing(steps)),
        ("linspace", steps => new TimestepSpacing.Linspace(steps)),
        ("uniform", steps => new TimestepSpacing.Uniform(steps)),
        ("quadratic", steps => new TimestepSpacing.Quadratic(steps)),
        ("karras", steps => new TimestepSpacing.Karras(steps)),
        ("logsnr", steps => new TimestepSpacing.LogSnr(steps)),
    ];
}
