using Diffusion.Math.Noise;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;

namespace Diffusion.Math.Samplers;

/// <summary>The noise levels that a sampler visits on its way down from noise to data.</summary>
/// <param name="Schedule">What the network was trained on: says at which time to ask it about any noise level.</param>
/// <param name="Steps">At least one step; each starts with some noise and ends with no more.</param>
public sealed record NoisePath(NoiseSchedule Schedule, Sequence<TimeStep> Steps)
{
    /// <summary>At least one step; each starts with some noise and ends with no more.</summary>
    public Sequence<TimeStep> Steps { get; init => field = Validated(value); } = Validated(Steps);

    /// <summary>How large the state is that sampling starts from.</summary>
    public Start Start { get; init; }

    /// <summary>Standard deviation of the starting state.</summary>
    public double InitialScale => ScaleOf(Steps[0].From.Marginal);

    /// <summary>The levels of a schedule that a grid visits, on the schedule's own scale.</summary>
    /// <exception cref="ArgumentException">The grid does not fit the schedule.</exception>
    public static NoisePath Of(NoiseSchedule schedule, TimestepSpacing grid) => new(schedule, grid.Over(schedule));

    /// <summary>The same levels with the state divided by alpha: x = x_0 + sigma·ε.</summary>
    /// <exception cref="ArgumentException">The first level has no signal, so that its sigma would be infinite.</exception>
    public NoisePath Exploding() => this with
    {
        Steps = Steps.Select(step => new TimeStep(Exploding(step.From), Exploding(step.To))).ToSequence(),
    };

    /// <summary>The same levels, but ending at the schedule's least noisy one, for methods that cannot reach clean data.</summary>
    /// <exception cref="ArgumentException">Nothing is left.</exception>
    public NoisePath EndingNoisy()
    {
        var last = Schedule.LevelAt(Schedule.FirstTime);
        return this with
        {
            Steps =
            [
                .. Steps.Where(step => step.To != NoiseLevel.Clean || IsNoisier(step.From, last))
                    .Select(step => step.To == NoiseLevel.Clean ? step with { To = last } : step),
            ],
        };
    }

    /// <summary>Standard deviation of a state of this marginal that sampling starts from.</summary>
    public double ScaleOf(Marginal marginal) => Start == Start.NoiseAlone ? marginal.Sigma : marginal.Scale;

    /// <summary>The level of any marginal: when the network has to be asked about it.</summary>
    public NoiseLevel LevelOf(Marginal marginal) => Schedule.LevelOf(marginal.NoiseToSignal) with { Marginal = marginal };

    private static NoiseLevel Exploding(NoiseLevel level) => level.Marginal.Alpha > 0
        ? level with { Marginal = Marginal.OfSigma(level.Marginal.NoiseToSignal) }
        : throw new ArgumentException(
            $"The level at time {level.Time} has no signal; its sigma would be infinite. Begin at a later level.");

    // By more than rounding.
    private static bool IsNoisier(NoiseLevel level, NoiseLevel other) =>
        level.Marginal.NoiseToSignal > other.Marginal.NoiseToSignal * (1 + 1e-9);

    private static Sequence<TimeStep> Validated(Sequence<TimeStep> steps)
    {
        foreach (var (from, to) in Require.NonEmpty(steps))
        {
            if (from.Marginal.Sigma == 0)
                throw new ArgumentException($"A step starts from {from}, which has no noise to remove.", nameof(steps));
            if (IsNoisier(to, from))
                throw new ArgumentException($"A step goes from {from} to {to}, which is noisier.", nameof(steps));
        }
        return steps;
    }
}

/// <summary>How large the starting state is.</summary>
public enum Start
{
    /// <summary>As large as a noisy state of data of variance 1: √(alpha² + sigma²). Exactly 1 for variance-preserving levels.</summary>
    Total,

    /// <summary>As large as its noise: sigma. Karras et al. 2022, Algorithm 1.</summary>
    NoiseAlone,
}
