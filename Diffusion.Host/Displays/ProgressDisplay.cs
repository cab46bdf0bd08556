using Diffusion.Host.CommandLine;
using Spectre.Console;

namespace Diffusion.Host.Displays;

/// <summary>Chooses how progress is shown.</summary>
public static class ProgressDisplay
{
    /// <summary>Runs <paramref name="work"/> with a display that suits the session: live on a terminal, else lines.</summary>
    /// <param name="session">Who is talked to.</param>
    /// <param name="work">Takes the session to talk with meanwhile, whose lines do not disturb the display, and the display.</param>
    public static T Show<T>(Session session, Func<Session, IProgressDisplay, T> work)
    {
        if (session.Terminal.Display == Display.Plain || session.Verbosity == Verbosity.Quiet)
            return work(session, new PlainDisplay(session, TimeProvider.System));
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(session.Terminal.Error) });
        var above = session.Terminal with { Error = new LineWriter(line => console.WriteLine(line)) };
        return TerminalDisplay.Show(console, display => work(session with { Terminal = above }, display));
    }
}
