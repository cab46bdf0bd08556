using System.Runtime.InteropServices;

namespace Diffusion.Host.CommandLine;

/// <summary>What Unix has and .NET does not offer.</summary>
internal static class Posix
{
    private const int GetDescriptorFlags = 1;
    private const int CloseOnExec = 1;
    private const int TryAgain = 11;
    private const int Interrupted = 4;
    private const int Terminate = 15;

    /// <summary>
    /// Whether a descriptor was handed to this process when it began. One that was closed then may since stand for a file that the runtime
    /// opened; that one does not pass to other programs, whereas a descriptor that was handed over did.
    /// </summary>
    public static bool IsInherited(int descriptor) =>
        OperatingSystem.IsWindows() || Control(descriptor, GetDescriptorFlags) is var flags and >= 0 && (flags & CloseOnExec) == 0;

    /// <summary>Writes all the bytes.</summary>
    /// <exception cref="IOException">They cannot be written; the message is the system's.</exception>
    public static void Write(int descriptor, byte[] bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var written = (int)Write(descriptor, ref bytes[at], bytes.Length - at);
            var error = written < 0 ? Marshal.GetLastPInvokeError() : 0;
            if (error == TryAgain)
                Thread.Sleep(1);
            else if (error is not (0 or Interrupted))
                throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
            at += Max(0, written);
        }
    }

    /// <summary>
    /// Ends the process at once: nothing is flushed and no destructor runs, not even of a library whose threads are at work.
    /// </summary>
    public static void End(ExitCode code)
    {
        if (!OperatingSystem.IsWindows())
            Exit((int)code);
        Environment.Exit((int)code);
    }

    /// <summary>Asks another process to stop, as a person does by Ctrl-C; on Windows nothing is asked.</summary>
    public static void AskToStop(int process)
    {
        if (!OperatingSystem.IsWindows())
            _ = Signal(process, Terminate);
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int process, int signal);

    [DllImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static extern int Control(int descriptor, int command);

    [DllImport("libc", EntryPoint = "write", SetLastError = true)]
    private static extern nint Write(int descriptor, ref byte first, nint count);

    [DllImport("libc", EntryPoint = "_exit")]
    private static extern void Exit(int code);
}
