using System.Runtime.InteropServices;

namespace Diffusion.Host.CommandLine;

/// <summary>The line of a program that could not even load its own parts, as where a process may open too few files.</summary>
/// <remarks>Parts that are not there yet are not asked for: bytes, and a call of the system.</remarks>
internal static class LastWords
{
    private const int StandardError = 2;
    private const string Advice = "error: the program cannot begin its work; perhaps this process may open too few files (ulimit -n)\n";

    /// <summary>Says it, where it can be said.</summary>
    public static void Say()
    {
        if (OperatingSystem.IsWindows())
            return;
        var bytes = new byte[Advice.Length];
        for (var index = 0; index < bytes.Length; index++)
            bytes[index] = (byte)Advice[index];
        Write(StandardError, bytes, bytes.Length);
    }

    [DllImport("libc", EntryPoint = "write")]
    private static extern nint Write(int descriptor, byte[] bytes, nint count);
}
