using Diffusion.Host.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>The program from its beginning to its end.</summary>
internal static class Whole
{
    /// <summary>Listens to signals, and does what the words ask for.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(string[] words)
    {
        var terminal = Terminal.OfConsole();
        using var interruption = new Interruption(terminal.Error);
        var code = CommandLineApp.Run(words, terminal, interruption.Stopping);
        interruption.EndIfStopped(code);
        return (int)code;
    }
}
