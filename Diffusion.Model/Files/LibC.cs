using System.Runtime.InteropServices;

namespace Diffusion.Model.Files;

/// <summary>Functions of Linux's C library that .NET does not offer.</summary>
internal static class LibC
{
    /// <summary>Where a function is; null on other systems, and where the library is without it.</summary>
    public static nint? Find(string function) =>
        OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libc.so.6", out var library)
        && NativeLibrary.TryGetExport(library, function, out var found) ? found : null;
}
