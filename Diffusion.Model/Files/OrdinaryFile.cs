using System.Runtime.InteropServices;
using System.Text;
using Diffusion.Math.Values;

namespace Diffusion.Model.Files;

/// <summary>Opens files that hold data, and nothing else: a pipe would be waited on for ever, and a device may never end.</summary>
public static unsafe class OrdinaryFile
{
    // statx(2): its structure is the same on every processor; the 16 bits of the mode begin at byte 28.
    private const int CurrentFolder = -100;
    private const uint TypeAlone = 1;
    private const int StructureSize = 256;
    private const int ModeOffset = 28;

    private static readonly nint? Statx = LibC.Find("statx");
    private static readonly nint? Resolve = LibC.Find("realpath");
    private static readonly nint? Free = LibC.Find("free");

    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="InputException">It is a pipe, a socket or a device.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static FileStream Open(string path)
    {
        Require(path);
        return File.OpenRead(path);
    }

    /// <summary>Reads a file of at most <paramref name="longest"/> bytes.</summary>
    /// <exception cref="InputException">It is a pipe, a socket or a device, or longer.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static byte[] ReadAll(string path, long longest)
    {
        using var file = Open(path);
        if (file.Length > longest)
            throw new InputException(path, Counted.Of(file.Length, "byte"), $"at most {longest}");
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Reads a file as text.</summary>
    /// <exception cref="InputException">It is a pipe, a socket or a device.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string ReadText(string path)
    {
        Require(path);
        return File.ReadAllText(path);
    }

    /// <summary>Refuses what can be opened but is no file, without opening it.</summary>
    /// <exception cref="InputException">It is a pipe, a socket or a device, or a link to one.</exception>
    public static void Require(string path)
    {
        if (Other(path) is { } other)
            throw new InputException(path, other, "an ordinary file");
    }

    /// <summary>
    /// What a path leads to, links followed, where that is neither a file nor a folder; null where it is, or nothing is there.
    /// </summary>
    internal static string? Other(string path)
    {
        if (Statx is not { } found)
            return null;
        var statx = (delegate* unmanaged<int, byte*, int, uint, byte*, int>)found;
        var buffer = stackalloc byte[StructureSize];
        fixed (byte* name = Terminated(path))
            return statx(CurrentFolder, name, 0, TypeAlone, buffer) != 0 ? null : (*(ushort*)(buffer + ModeOffset) & 0xF000) switch
            {
                0x1000 => "a named pipe",
                0x2000 or 0x6000 => "a device",
                0xC000 => "a socket",
                _ => null,
            };
    }

    /// <summary>The path without any link in it; null where it leads nowhere.</summary>
    internal static string? RealPath(string path)
    {
        if (Resolve is not { } found || Free is not { } release)
            return !Path.Exists(path)
                ? null
                : new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
        byte* real;
        fixed (byte* name = Terminated(path))
            real = ((delegate* unmanaged<byte*, byte*, byte*>)found)(name, null);
        if (real is null)
            return null;
        var text = Marshal.PtrToStringUTF8((nint)real);
        ((delegate* unmanaged<byte*, void>)release)(real);
        return text;
    }

    private static byte[] Terminated(string path) => Encoding.UTF8.GetBytes(path + '\0');
}
