using Diffusion.Host.CommandLine;

namespace Diffusion.Host.Displays;

/// <summary>Chooses how progress is shown.</summary>
public static class ProgressDisplay
{
    /// <summary>Runs <paramref name="work"/> with a display that suits the session: live on a terminal, else lines.</summary>
    /// <param name="session">Who is talked to.</param>
    /// <param name="work">Takes the session to talk with meanwhile, whose lines do not disturb the display, and the display.</param>
    public static T Show<T>(Session session, Func<Session, IProgressDisplay, T> work) =>
        work(session, session.Terminal.Screen is { } screen && session.Verbosity > Verbosity.Quiet
            ? new TerminalDisplay(screen, TimeProvider.System)
            : new PlainDisplay(session, TimeProvider.System));
}
