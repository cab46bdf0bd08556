using System.Globalization;

namespace Diffusion.Model.Files;

/// <summary>The main memory of this machine, or what this process may have of it.</summary>
internal static class MachineMemory
{
    private const string Table = "/proc/meminfo";
    private const string Row = "MemAvailable:";

    /// <summary>
    /// Bytes that can be taken now without pushing anything out; where the system does not tell, all that this process may have.
    /// </summary>
    public static long Available
    {
        get
        {
            var allowed = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
            return Min(allowed, FromSystem() ?? allowed);
        }
    }

    private static long? FromSystem()
    {
        try
        {
            return File.Exists(Table)
                && File.ReadLines(Table).FirstOrDefault(line => line.StartsWith(Row, StringComparison.Ordinal)) is { } line
                && long.TryParse(line.AsSpan(Row.Length).Trim(" kB"), NumberStyles.None, CultureInfo.InvariantCulture, out var kilobytes)
                ? kilobytes << 10
                : null;
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
