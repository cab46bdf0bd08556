using Diffusion.Math.Values;

namespace Diffusion.Host.CommandLine;

/// <summary>The process's two outputs.</summary>
/// <param name="Output">Results, and nothing else.</param>
/// <param name="Error">Everything said on the way to them.</param>
/// <param name="Display">What <paramref name="Error"/> is shown on.</param>
public sealed record Terminal(TextWriter Output, TextWriter Error, Display Display)
{
    /// <summary>
    /// What <see cref="Error"/> writes to in the end: for a display that moves the cursor, and writes no text that it has not made plain.
    /// </summary>
    public TextWriter Screen { get; init; } = Error;

    /// <summary>How many columns a line of <see cref="Output"/> has room for; 80 where that is unknown.</summary>
    public int Columns { get; init; } = 80;

    /// <summary>The console of this process. Whatever is written, only plain text reaches it.</summary>
    public static Terminal OfConsole()
    {
        var (output, error) = (StandardStream.Output(), StandardStream.Error());
        return new(Plain(output), Plain(error), IsInteractive() ? Display.Interactive : Display.Plain) { Screen = error,
            Columns = ColumnsOfConsole() };
    }

    /// <summary>A writer of lines of which only plain text reaches another one.</summary>
    internal static TextWriter Plain(TextWriter writer) => new LineWriter(line => writer.WriteLine(PlainText.Lines(line)));

    private static int ColumnsOfConsole()
    {
        try
        {
            return !Console.IsOutputRedirected && Console.WindowWidth is > 0 and var columns ? columns : 80;
        }
        catch (IOException)
        {
            // No terminal after all.
            return 80;
        }
    }

    private static bool IsInteractive() =>
        StandardStream.HasError && !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
}

/// <summary>What text is shown on.</summary>
public enum Display
{
    /// <summary>A file, a pipe or a terminal without cursor movement: whole lines, written once.</summary>
    Plain,

    /// <summary>A terminal on which lines can be written again.</summary>
    Interactive,
}
