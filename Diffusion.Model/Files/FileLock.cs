namespace Diffusion.Model.Files;

/// <summary>Keeps other processes of this program away from what a file stands for.</summary>
/// <remarks>
/// The file stays when the lock goes: deleting it would let two processes lock two files of one name. The system lets go of it when the
/// process ends, however it does.
/// </remarks>
public static class FileLock
{
    // EAGAIN and EWOULDBLOCK of Linux and of macOS; ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION of Windows.
    private static readonly int[] Taken = OperatingSystem.IsWindows() ? [0x20, 0x21] : [11, 35];

    /// <summary>Opens a file, making it where there is none, for this process alone; null where another one has it.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">It cannot be opened or made.</exception>
    /// <exception cref="UnauthorizedAccessException">There is no permission to.</exception>
    public static FileStream? TryHold(string path)
    {
        try
        {
            return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException trouble) when (IsTaken(trouble))
        {
            return null;
        }
    }

    /// <summary>Whether a file could not be opened because another process has it.</summary>
    public static bool IsTaken(IOException trouble) => Taken.Contains(trouble.HResult & 0xFFFF);
}
