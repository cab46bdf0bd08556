namespace Diffusion.Host.CommandLine;

/// <summary>
/// Ends a process that this program started for a part of its work when the one that started it is gone, however it ended.
/// </summary>
/// <remarks>
/// The parent holds the other end of the standard input and never writes to it: the system closes it even where the parent was killed. The
/// child then stops as at Ctrl-C, which saves a checkpoint, and after a while in any case.
/// </remarks>
internal static class ParentWatch
{
    /// <summary>The environment variable that asks a child to watch its standard input.</summary>
    public const string Variable = "DIFFUSION_WATCH_PARENT";

    // A training step, and a checkpoint.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);

    /// <summary>Watches in the background, where the parent asked for it; its own children are asked by themselves.</summary>
    public static void Begin()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null)
            return;
        Environment.SetEnvironmentVariable(Variable, null);
        new Thread(() => Wait(Console.OpenStandardInput(), () => Posix.AskToStop(Environment.ProcessId), () =>
        {
            Thread.Sleep(Grace);
            Posix.End(ExitCode.Interrupted);
        }))
        { IsBackground = true }.Start();
    }

    /// <summary>Waits until a stream ends, then stops, then ends.</summary>
    internal static void Wait(Stream input, Action stop, Action end)
    {
        var ignored = new byte[64];
        try
        {
            while (input.Read(ignored) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A pipe that broke has ended, too.
        }
        stop();
        end();
    }
}
