using System.Globalization;

namespace Diffusion.Host.Displays;

/// <summary>Amounts of memory for people, in powers of ten.</summary>
public static class ByteCount
{
    private static readonly string[] Units = ["bytes", "kB", "MB", "GB", "TB"];

    /// <summary>Such as <c>17 bytes</c> or <c>170.1 MB</c>.</summary>
    public static string Text(long bytes)
    {
        var (amount, unit) = ((double)bytes, 0);
        // 999.95 would be written as 1000.0.
        for (; amount >= 999.95 && unit < Units.Length - 1; unit++)
            amount /= 1000;
        return $"{amount.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture)} {Units[unit]}";
    }
}
