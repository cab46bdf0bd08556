namespace Diffusion.Model.Datasets;

/// <summary>Room for the content of a file in an archive.</summary>
/// <remarks>
/// A small archive can hold thousands of files of the greatest length, each of which is looked at and forgotten. While a machine has
/// memory the collector leaves them lying: it is called when so many bytes of large ones were given out that it is worth its time.
/// </remarks>
internal static class ArchivedFile
{
    private const long Large = 1 << 24;
    private const long MostForgotten = 1 << 28;

    private static long _given;

    /// <summary>An array of so many bytes.</summary>
    public static byte[] Room(long length)
    {
        if (length >= Large && Interlocked.Add(ref _given, length) > MostForgotten)
        {
            Interlocked.Exchange(ref _given, length);
            GC.Collect();
        }
        return new byte[length];
    }
}
