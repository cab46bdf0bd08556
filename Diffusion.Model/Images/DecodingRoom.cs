namespace Diffusion.Model.Images;

/// <summary>Keeps images that are decoded at one time from taking more memory together than the machine can spare: others wait.</summary>
/// <param name="bytes">How many bytes they may take together.</param>
internal sealed class DecodingRoom(long bytes)
{
    private const long Most = 2L << 30;
    private const int ShareOfMemory = 8;

    private readonly object _turn = new();
    private long _taken;

    /// <summary>The one of this process.</summary>
    public static DecodingRoom Shared { get; } = new(Min(Most, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / ShareOfMemory));

    /// <summary>Waits until there is room for so many bytes, or, for more than there ever is, until it is alone.</summary>
    /// <returns>To be disposed when they are free again.</returns>
    public IDisposable Take(long wanted)
    {
        lock (_turn)
        {
            while (_taken > 0 && _taken + wanted > bytes)
                Monitor.Wait(_turn);
            _taken += wanted;
        }
        return new Taken(this, wanted);
    }

    private sealed record Taken(DecodingRoom Room, long Bytes) : IDisposable
    {
        public void Dispose()
        {
            lock (Room._turn)
            {
                Room._taken -= Bytes;
                Monitor.PulseAll(Room._turn);
            }
        }
    }
}
