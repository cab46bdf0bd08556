using System.Runtime.InteropServices;
using Diffusion.Model.Files;
using Microsoft.Win32.SafeHandles;

namespace Diffusion.Model.Runtime;

/// <summary>Loads a shared library that is only in memory.</summary>
internal static unsafe class TransientLibrary
{
    private const uint CloseOnExec = 1;

    /// <summary>Loads it from memory itself, or where the system does not allow that, from a file for the moment.</summary>
    /// <exception cref="InputException">The system allows neither: the line tells of the folder for temporary files.</exception>
    /// <exception cref="DllNotFoundException">The library cannot be linked.</exception>
    public static nint Load(byte[] bytes, string name) =>
        FromMemory(bytes) ?? FromFile(bytes, Path.Combine(Path.GetTempPath(), $"{name}-{Environment.ProcessId}-{Guid.NewGuid():N}.so"));

    // Linux 3.17: a file without a folder. There need be no folder that can be written and that programs may be loaded from.
    internal static nint? FromMemory(byte[] bytes)
    {
        if (!NativeLibrary.TryLoad("libc.so.6", out var library) || !NativeLibrary.TryGetExport(library, "memfd_create", out var found))
            return null;
        int descriptor;
        fixed (byte* name = "diffusion\0"u8)
            descriptor = ((delegate* unmanaged<byte*, uint, int>)found)(name, CloseOnExec);
        if (descriptor < 0)
            return null;
        // Once loaded, the descriptor stays: the loader knows libraries by their names, and would take the next file of that number for
        // this one.
        var file = new SafeFileHandle(descriptor, ownsHandle: false);
        try
        {
            RandomAccess.Write(file, bytes, 0);
            return NativeLibrary.Load($"/proc/self/fd/{descriptor}");
        }
        catch (Exception refusal) when (refusal is IOException or DllNotFoundException && SymbolName.MissingIn(refusal.Message) is null)
        {
            new SafeFileHandle(descriptor, ownsHandle: true).Dispose();
            return null;
        }
    }

    internal static nint FromFile(byte[] bytes, string path)
    {
        const string expected = "a folder for temporary files that can be written and that libraries may be loaded from (TMPDIR names it)";
        var folder = Path.GetDirectoryName(path)!;
        try
        {
            File.WriteAllBytes(path, bytes);
            return NativeLibrary.Load(path);
        }
        catch (DirectoryNotFoundException missing)
        {
            throw new InputException(folder, File.Exists(folder) ? "a file" : "no such file or folder", expected, missing);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            throw new InputException(folder, "a folder that cannot be written", expected, refusal);
        }
        catch (DllNotFoundException refusal) when (refusal.Message.Contains("failed to map segment", StringComparison.Ordinal))
        {
            throw new InputException(folder, "a folder from which no library may be loaded (noexec)", expected, refusal);
        }
        finally
        {
            if (File.Exists(path))
                File.Delete(path);
        }
    }
}
