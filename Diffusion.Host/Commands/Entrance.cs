using Diffusion.Host.CommandLine;
using Diffusion.Host.Training;
using Diffusion.Model.Files;

namespace Diffusion.Host.Commands;

/// <summary>From the words of the command line to the exit code, whatever happens in between.</summary>
public static class Entrance
{
    /// <summary>Parses and runs. Never throws: a failure is one line on standard error.</summary>
    /// <param name="words">The command line.</param>
    /// <param name="terminal">The outputs.</param>
    /// <param name="stopping">Cancelled when a person or the system asks to stop.</param>
    public static ExitCode Run(string[] words, Terminal terminal, CancellationToken stopping) =>
        CommandParser.Parse(words) switch
        {
            ParsedLine.Accepted line => Run(line.Command, new(terminal, line.Verbosity, line.Form, stopping)),
            ParsedLine.Refused line => Fail(terminal, line.Reason),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    /// <summary>Runs a command, and turns whatever it throws into one line and an exit code.</summary>
    public static ExitCode Run(Command command, Session session)
    {
        try
        {
            return command.Run(session);
        }
        catch (OperationCanceledException) when (session.Stopping.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception trouble)
        {
            session.Detail(trouble.ToString());
            return Fail(session.Terminal, Sentence(trouble));
        }
    }

    private static string Sentence(Exception trouble) => trouble switch
    {
        InputException or IOException or UnauthorizedAccessException or DivergenceException => OneLine(trouble.Message),
        _ => $"{OneLine(trouble.Message)} ({trouble.GetType().Name}; --verbose shows where)",
    };

    private static string OneLine(string message) =>
        string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');

    private static ExitCode Fail(Terminal terminal, string reason)
    {
        terminal.Error.WriteLine($"error: {reason}");
        return ExitCode.Failure;
    }
}
