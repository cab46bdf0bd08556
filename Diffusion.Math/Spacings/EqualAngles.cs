using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Spacings;

/// <summary>
/// Noise levels at equal distances of the angle φ = arctan(Sigma/Alpha), from noise to clean data. Those of n steps are among those of
/// any multiple of n.
/// </summary>
/// <remarks>
/// The times of Salimans and Ho 2022, "Progressive distillation", Section 2, whose schedule is α = cos φ and σ = sin φ; on any schedule.
/// </remarks>
public static class EqualAngles
{
    /// <summary>The levels of so many steps, the first one at the schedule's noisiest time.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="count">Number of steps; at least 1.</param>
    /// <exception cref="ArgumentException">The schedule has too few levels.</exception>
    public static TimestepSpacing.Explicit Over(INoiseLevels schedule, int count)
    {
        var first = schedule.LevelAt(schedule.LastTime);
        return new(Sequence.Generate(Require.AtLeast(count, 1), index => index == 0 ? first.Time
            : schedule.LevelOf(Tan(AngleOf(first.Marginal) * (count - index) / count)).Time));
    }

    /// <summary>A step divided into some of equal angle.</summary>
    /// <param name="schedule">The schedule of its levels.</param>
    /// <param name="step">The step.</param>
    /// <param name="count">Into how many; at least 1.</param>
    public static Sequence<TimeStep> Divide(INoiseLevels schedule, TimeStep step, int count)
    {
        var (from, to) = (AngleOf(step.From.Marginal), AngleOf(step.To.Marginal));
        return Sequence.Generate(Require.AtLeast(count, 1), index => new TimeStep(LevelAt(index), LevelAt(index + 1)));

        NoiseLevel LevelAt(int index) => index == 0 ? step.From : index == count ? step.To
            : schedule.LevelOf(Tan(from + (to - from) * index / count));
    }

    private static double AngleOf(Marginal marginal) => Atan2(marginal.Sigma, marginal.Alpha);
}
