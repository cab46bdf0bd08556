using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Diffusion.Model.Distributed;
using Diffusion.Model.Files;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Commands;

/// <summary>From the words of the command line to the exit code, whatever happens in between.</summary>
public static class CommandLineApp
{
    /// <summary>Parses and runs. Never throws: a failure is one line on standard error.</summary>
    /// <param name="words">The command line.</param>
    /// <param name="terminal">The outputs.</param>
    /// <param name="stopping">Cancelled when a person or the system asks to stop.</param>
    public static ExitCode Run(string[] words, Terminal terminal, CancellationToken stopping)
    {
        try
        {
            return CommandParser.Parse(words) switch
            {
                ParsedLine.Accepted line when Launch.OfThisProcess is { Size: > 1 } launch =>
                    Together.Run(line.Command, Begun(line), launch),
                ParsedLine.Accepted line => Run(line.Command, Begun(line)),
                ParsedLine.Refused when Launch.OfThisProcess.Rank > 0 => ExitCode.Failure,
                ParsedLine.Refused line => Fail(terminal, FormOf(words), line.Reason),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
        }
        catch (Exception trouble) when (StandardStream.HasNoReader(trouble))
        {
            return ExitCode.Failure;
        }
        catch (Exception trouble)
        {
            return Fail(terminal, FormOf(words), Reason(trouble));
        }

        Session Begun(ParsedLine.Accepted line) =>
            new(terminal, line.Verbosity, line.Form, stopping) { CommandLine = ResumeLine.Of(words) };
    }

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
        catch (Exception trouble) when (StandardStream.HasNoReader(trouble))
        {
            return ExitCode.Failure;
        }
        catch (Exception trouble)
        {
            foreach (var line in trouble.ToString().Split('\n'))
                session.Detail(line);
            return Fail(session.Terminal, session.Form, Reason(trouble));
        }
    }

    private static string Reason(Exception trouble) => trouble switch
    {
        InputException or IOException or UnauthorizedAccessException or DivergenceException => Sentence.Of(trouble),
        _ => $"{Sentence.Of(trouble)} (--verbose shows where)",
    };

    private static ResultForm FormOf(string[] words) => words.Contains("--json") ? ResultForm.Json : ResultForm.Text;

    // A script that reads results from standard output finds what went wrong there, too.
    private static ExitCode Fail(Terminal terminal, ResultForm form, string reason)
    {
        Session.Complain(terminal.Error, reason);
        if (form == ResultForm.Json)
            new Session(terminal, Verbosity.Normal, form, CancellationToken.None).Answer(reason, new() { ["error"] = reason });
        return ExitCode.Failure;
    }
}
