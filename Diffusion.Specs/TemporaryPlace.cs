using System.Runtime.CompilerServices;

namespace Diffusion.Specs;

/// <summary>
/// What specs write is written to memory, where the system has room there: the program forces files to the disk, in all the specs
/// thousands of times, and each time a core waits for it. TMPDIR names another place.
/// </summary>
internal static class TemporaryPlace
{
    private const string Variable = "TMPDIR";
    private const string InMemory = "/dev/shm";
    private const long Room = 1L << 30;

    [ModuleInitializer]
    internal static void Choose()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } && HasRoom())
            Environment.SetEnvironmentVariable(Variable, InMemory);
    }

    private static bool HasRoom()
    {
        try
        {
            if (!OperatingSystem.IsLinux() || !Directory.Exists(InMemory) || new DriveInfo(InMemory).AvailableFreeSpace < Room)
                return false;
            using var trial = new FileStream(
                Path.Combine(InMemory, $"diffusion-specs-{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1,
                FileOptions.DeleteOnClose);
            return true;
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
