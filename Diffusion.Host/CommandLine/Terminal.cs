namespace Diffusion.Host.CommandLine;

/// <summary>The process's two outputs.</summary>
/// <param name="Output">Results, and nothing else.</param>
/// <param name="Error">Everything said on the way to them.</param>
/// <param name="Display">What <paramref name="Error"/> is shown on.</param>
public sealed record Terminal(TextWriter Output, TextWriter Error, Display Display)
{
    /// <summary>The console of this process.</summary>
    public static Terminal OfConsole() => new(Console.Out, Console.Error, IsInteractive() ? Display.Interactive : Display.Plain);

    private static bool IsInteractive() =>
        !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
}

/// <summary>What text is shown on.</summary>
public enum Display
{
    /// <summary>A file, a pipe or a terminal without cursor movement: whole lines, written once.</summary>
    Plain,

    /// <summary>A terminal on which lines can be written again.</summary>
    Interactive,
}
