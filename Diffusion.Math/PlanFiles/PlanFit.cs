using Diffusion.Math.Noise;
using Diffusion.Math.Plans;

namespace Diffusion.Math.PlanFiles;

/// <summary>Whether a plan asks a network about what it was trained on.</summary>
public static class PlanFit
{
    // Of a time and of a noise level: plans in files are exact, and those of other programs are written in 7 digits or more.
    private const double Tolerance = 1e-6;

    /// <summary>Why a plan does not fit a schedule; null where it does.</summary>
    /// <remarks>
    /// A network is given the time, and the schedule says how noisy a state of that time is. A plan may scale states as it likes, so that
    /// only Sigma/Alpha counts. What the network predicts does not matter: plans use the estimate of clean data that is read out of it.
    /// </remarks>
    public static string? MismatchOf(SamplerPlan plan, INoiseLevels schedule)
    {
        foreach (var (number, step) in plan.Steps.Index())
        {
            foreach (var level in step.Instructions.Select(LevelOf).OfType<NoiseLevel>())
            {
                if (level.Time < schedule.FirstTime - Tolerance || level.Time > schedule.LastTime + Tolerance)
                    return FormattableString.Invariant(
                        $"step {number + 1} asks at time {level.Time:G6}, which is not in {schedule.FirstTime} to {schedule.LastTime}");
                var own = schedule.LevelAt(Clamp(level.Time, schedule.FirstTime, schedule.LastTime)).Marginal.NoiseToSignal;
                var asked = level.Marginal.NoiseToSignal;
                if (!IsClose(own, asked) && !IsBeyond(level, schedule))
                    return FormattableString.Invariant(
                        $"step {number + 1} asks at time {level.Time:G6} about sigma/alpha = {asked:G6}, ")
                        + FormattableString.Invariant($"which is {own:G6} in the schedule");
            }
        }
        return null;
    }

    /// <summary>Where an instruction asks the network; null where it does not.</summary>
    public static NoiseLevel? LevelOf(Instruction instruction) => instruction switch
    {
        Instruction.Denoise ask => ask.Level,
        Instruction.DenoiseWithVariance ask => ask.Level,
        _ => null,
    };

    // Noise that was added may lead beyond the schedule's ends, where the network is asked at the end.
    private static bool IsBeyond(NoiseLevel level, INoiseLevels schedule) =>
        double.IsFinite(level.Marginal.NoiseToSignal) && level.Marginal.NoiseToSignal > 0
        && Abs(schedule.LevelOf(level.Marginal.NoiseToSignal).Time - level.Time) <= Tolerance * (1 + Abs(level.Time));

    private static bool IsClose(double left, double right) =>
        left == right || Abs(left - right) <= Tolerance * Max(Abs(left), Abs(right));
}
