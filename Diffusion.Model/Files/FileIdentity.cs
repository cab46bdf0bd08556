using System.Globalization;
using System.Runtime.InteropServices;

namespace Diffusion.Model.Files;

/// <summary>By what a file is known again without reading it.</summary>
/// <param name="Length">Bytes.</param>
/// <param name="Written">When its content was changed last, in ticks.</param>
/// <param name="Number">Its number in its file system, and when anything of it was changed last; 0 where the system does not say.</param>
public readonly unsafe record struct FileIdentity(long Length, long Written, UInt128 Number)
{
    // From Linux's fcntl.h and stat.h: struct statx has 256 bytes, whose places are part of the kernel's promises.
    private const int Here = -100;
    private const uint Wanted = 0x100 | 0x80;
    private const int Size = 256;
    private const int Inode = 32;
    private const int Changed = 96;

    /// <summary>That of the file at a path.</summary>
    /// <exception cref="IOException">It is not there.</exception>
    public static FileIdentity Of(string path)
    {
        var file = new FileInfo(path);
        return new(file.Length, file.LastWriteTimeUtc.Ticks, NumberOf(path));
    }

    /// <summary>As a text without white space.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Length}-{Written}-{Number:x}");

    private static UInt128 NumberOf(string path)
    {
        if (!OperatingSystem.IsLinux()
            || !NativeLibrary.TryLoad("libc.so.6", out var library) || !NativeLibrary.TryGetExport(library, "statx", out var found))
            return 0;
        var status = stackalloc byte[Size];
        var name = Marshal.StringToCoTaskMemUTF8(path);
        try
        {
            var ask = (delegate* unmanaged<int, byte*, int, uint, byte*, int>)found;
            if (ask(Here, (byte*)name, 0, Wanted, status) != 0)
                return 0;
            var changed = unchecked((ulong)(*(long*)(status + Changed) * 1_000_000_000 + *(uint*)(status + Changed + sizeof(long))));
            return new(*(ulong*)(status + Inode), changed);
        }
        finally
        {
            Marshal.FreeCoTaskMem(name);
        }
    }
}
