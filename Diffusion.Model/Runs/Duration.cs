using System.Globalization;

namespace Diffusion.Model.Runs;

/// <summary>Lengths of time for people: two units, no more; and times of day.</summary>
public static class Duration
{
    /// <summary>Such as <c>4.2 s</c>, <c>3 min 20 s</c>, <c>2 h 5 min</c> or <c>3 d 4 h</c>.</summary>
    public static string Text(TimeSpan length) =>
        length.TotalSeconds < 9.95
            ? string.Create(CultureInfo.InvariantCulture, $"{length.TotalSeconds:0.0} s")
            : WholeSeconds((long)Round(length.TotalSeconds));

    /// <summary>A time of day such as <c>14:32</c>; the day too, where it is another one than now.</summary>
    /// <param name="time">The time.</param>
    /// <param name="now">Now.</param>
    public static string Clock(DateTimeOffset time, DateTimeOffset now) =>
        time.ToString(time - now > TimeSpan.FromHours(20) ? "yyyy-MM-dd HH:mm" : "HH:mm", CultureInfo.InvariantCulture);

    private static string WholeSeconds(long seconds) => seconds switch
    {
        < 60 => $"{seconds} s",
        < 3600 => $"{seconds / 60} min {seconds % 60} s",
        < 86400 => $"{seconds / 3600} h {seconds % 3600 / 60} min",
        _ => $"{seconds / 86400} d {seconds % 86400 / 3600} h",
    };
}
