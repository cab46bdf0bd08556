using System.Globalization;
using Diffusion.Math.Noise;
using Diffusion.Math.Schedules;
using Diffusion.Math.Values;

namespace Diffusion.Host.Editing;

/// <summary>A schedule and the word a person knows it by.</summary>
/// <param name="Word">Such as <c>cosine</c>.</param>
/// <param name="Schedule">The schedule.</param>
public sealed record NamedSchedule(string Word, NoiseSchedule Schedule);

/// <summary>An image on its way to noise: the levels of a schedule that are shown.</summary>
/// <param name="Schedule">The schedule.</param>
/// <param name="Levels">At least one level.</param>
public sealed record NoisingRow(NamedSchedule Schedule, Sequence<NoiseLevel> Levels)
{
    /// <summary>At least one level.</summary>
    public Sequence<NoiseLevel> Levels { get; init => field = Require.NonEmpty(value, nameof(Levels)); } = Require.NonEmpty(Levels);

    /// <summary>The row of the given times, or of so many at equal distances from the first to the last.</summary>
    public static NoisingRow Of(NamedSchedule schedule, Sequence<double>? times, int usual) =>
        new(schedule, (times ?? Spread(schedule.Schedule, usual)).Select(schedule.Schedule.LevelAt).ToSequence());

    /// <summary>How many levels are shown of several schedules: so many at most, and no more than each has.</summary>
    public static int Columns(Sequence<NamedSchedule> schedules, int most) => schedules
        .Select(named => named.Schedule).OfType<NoiseSchedule.Discrete>().Select(schedule => schedule.Steps).Append(most).Min();

    /// <summary>The times that a schedule does not have, in sentences.</summary>
    public static IEnumerable<string> Faults(NamedSchedule schedule, Sequence<double> times) =>
        from time in times
        where time < schedule.Schedule.FirstTime || Sentence.OfRefusal(() => schedule.Schedule.At(time)) is not null
        select FormattableString.Invariant($"{schedule.Word} has no timestep {time}; ")
            + FormattableString.Invariant($"its timesteps are {schedule.Schedule.FirstTime} to {schedule.Schedule.LastTime}");

    /// <summary>What is written below the image of each level: alpha-bar and log-SNR.</summary>
    public Sequence<string> Captions => Levels.Select(level => string.Create(CultureInfo.InvariantCulture,
        $"{Pow(level.Marginal.VariancePreserving.Alpha, 2):0.000}\n{Signed(level.Marginal.LogSnr)}")).ToSequence();

    private static string Signed(double number) => double.IsInfinity(number)
        ? number < 0 ? "−∞" : "+∞"
        : number.ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture);

    private static Sequence<double> Spread(NoiseSchedule schedule, int count)
    {
        var (first, last) = (schedule.FirstTime, schedule.LastTime);
        return Sequence.Generate(count, column =>
        {
            var time = first + (last - first) * column / Max(1, count - 1);
            return schedule is NoiseSchedule.Discrete ? Round(time) : time;
        });
    }
}
