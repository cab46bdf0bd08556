using Diffusion.Host.CommandLine;
using Diffusion.Model.Distributed;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Commands;

/// <summary>The program from its beginning to its end.</summary>
internal static class Whole
{
    /// <summary>Listens to signals, and does what the words ask for.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(string[] words)
    {
        ResumeLine.StartedAs(OwnCall.OfThisProcess());
        var terminal = Terminal.OfConsole();
        using var interruption = new Interruption(Launch.OfThisProcess.Rank == 0 ? terminal.Error : TextWriter.Null);
        ParentWatch.Begin();
        var code = CommandLineApp.Run(words, terminal, interruption.Stopping);
        interruption.EndIfStopped(code);
        return (int)code;
    }
}
