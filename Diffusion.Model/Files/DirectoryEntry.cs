using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Diffusion.Model.Files;

/// <summary>The name of a file or folder inside the folder that holds it, which has to be forced to the disk by itself.</summary>
public static partial class DirectoryEntry
{
    // From fcntl.h of Linux and of macOS: child processes do not inherit it. To read only is 0 in both.
    private static readonly int CloseOnExecute = OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000;

    /// <summary>Makes a folder where there is none, and those it lies in; when this returns, their names are on the disk.</summary>
    /// <exception cref="IOException">One of them cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">One of them may not be made.</exception>
    public static void Create(string folder)
    {
        if (Directory.Exists(folder))
            return;
        if (Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))) is { } parent)
            Create(parent);
        Directory.CreateDirectory(folder);
        Flush(folder);
    }

    /// <summary>Waits until it is on the disk, too, that this name was created, renamed or removed.</summary>
    /// <param name="path">A file or folder, or what was one.</param>
    /// <remarks>
    /// fsync of the folder that holds it. The flush of a file promises its content, not its name: without this, a power cut may bring back
    /// what had the name before, or nothing. It promises as much as file system and disk do. On Windows, which has no such call, it does
    /// nothing, nor does it where the folder may not be read.
    /// </remarks>
    /// <exception cref="IOException">The disk failed.</exception>
    public static void Flush(string path)
    {
        if (OperatingSystem.IsWindows()
            || Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))) is not { } folder)
            return;
        // .NET opens files only.
        using var handle = new SafeFileHandle(Open(folder, CloseOnExecute), ownsHandle: true);
        if (!handle.IsInvalid)
            RandomAccess.FlushToDisk(handle);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
