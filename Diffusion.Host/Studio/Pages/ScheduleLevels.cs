using Diffusion.Math.Noise;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;

namespace Diffusion.Host.Studio.Pages;

/// <summary>A noise schedule as a slider goes through it: a thousand levels, from the least noisy to the noisiest.</summary>
/// <remarks>
/// Of discrete schedules every level, of continuous ones times at equal distances; but of EDM, whose time is the deviation of the noise
/// itself, the levels of Karras et al. 2022, Eq. 5, with ρ = 7.
/// </remarks>
/// <param name="word">What the schedule is called.</param>
/// <param name="schedule">The schedule.</param>
internal sealed class ScheduleLevels(string word, NoiseSchedule schedule)
{
    /// <summary>How many levels there are.</summary>
    public const int Count = 1000;

    /// <summary>Those of every schedule that has a name.</summary>
    public static Sequence<ScheduleLevels> All { get; } =
        NoiseChoice.Schedules.Select(named => new ScheduleLevels(named.Word, named.Schedule)).ToSequence();

    /// <summary>What the schedule is called.</summary>
    public string Word { get; } = word;

    /// <summary>The schedule.</summary>
    public NoiseSchedule Schedule { get; } = schedule;

    /// <summary>The levels, from the least noisy on.</summary>
    public Sequence<NoiseLevel> Levels => field ??= Schedule is NoiseSchedule.Edm
        ? new TimestepSpacing.Karras(Count).Over(Schedule).Select(step => step.From).Reverse().ToSequence()
        : Sequence.Generate(Count, index => Schedule.LevelAt(TimeOf((double)index / (Count - 1))));

    /// <summary>The level whose log-SNR is the nearest.</summary>
    /// <param name="logSnr">λ, from −∞ to +∞.</param>
    public int Nearest(double logSnr) => double.IsNegativeInfinity(logSnr) ? Count - 1
        : Levels.Index().MinBy(level => Abs(level.Item.Marginal.LogSnr - logSnr)).Index;

    /// <summary>
    /// What comes before a level: that of x_{t−1} of discrete schedules, of continuous ones the level before; clean data at first.
    /// </summary>
    /// <param name="index">The number of the level.</param>
    public Marginal Before(int index) => Schedule is NoiseSchedule.Discrete ? Schedule.At(Levels[index].Time - 1)
        : index == 0 ? Marginal.Clean : Levels[index - 1].Marginal;

    /// <summary>The noising step to a level from the one before.</summary>
    /// <param name="index">The number of the level.</param>
    public Transition StepTo(int index) => Schedule is NoiseSchedule.Discrete discrete ? discrete.Step((int)Levels[index].Time)
        : Transition.Of(Before(index), Levels[index].Marginal);

    /// <summary>The posterior of the level before one.</summary>
    /// <param name="index">The number of the level.</param>
    public Posterior PosteriorAt(int index) => Schedule is NoiseSchedule.Discrete discrete ? discrete.PosteriorAt((int)Levels[index].Time)
        : Posterior.Of(Before(index), StepTo(index), Levels[index].Marginal);

    private double TimeOf(double share)
    {
        var time = Schedule.FirstTime + (Schedule.LastTime - Schedule.FirstTime) * share;
        return Schedule is NoiseSchedule.Discrete ? Round(time) : time;
    }
}

/// <summary>A noise level as the API tells it; null where a number is infinite.</summary>
/// <param name="Time">t of the schedule: 0 to T − 1 of discrete ones, where it is t + 1 in the equations of Ho et al. 2020.</param>
/// <param name="Alpha">α, the factor of the data.</param>
/// <param name="Sigma">σ, the standard deviation of the noise.</param>
/// <param name="AlphaBar">α²/(α² + σ²), the share of the signal in the variance; ᾱ of variance-preserving schedules.</param>
/// <param name="LogSnr">λ = log(α²/σ²).</param>
/// <param name="NoiseToSignal">σ/α, what Karras et al. 2022 call σ.</param>
public sealed record LevelFacts(double Time, double Alpha, double Sigma, double AlphaBar, double? LogSnr, double? NoiseToSignal)
{
    /// <summary>Those of a level.</summary>
    internal static LevelFacts Of(NoiseLevel level)
    {
        var marginal = level.Marginal;
        return new(
            level.Time, marginal.Alpha, marginal.Sigma, Pow(marginal.VariancePreserving.Alpha, 2), Finite(marginal.LogSnr),
            Finite(marginal.NoiseToSignal));
    }

    private static double? Finite(double number) => double.IsFinite(number) ? number : null;
}
