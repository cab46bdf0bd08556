using Diffusion.Math.Values;

namespace Diffusion.Host.CommandLine;

/// <summary>The process's two outputs.</summary>
/// <param name="Output">Results, and nothing else.</param>
/// <param name="Error">Everything said on the way to them.</param>
/// <param name="Display">What <paramref name="Error"/> is shown on.</param>
public sealed record Terminal(TextWriter Output, TextWriter Error, Display Display)
{
    /// <summary>The width of a terminal of which nothing is known.</summary>
    public const int UsualColumns = 80;

    /// <summary>
    /// The terminal that <see cref="Error"/> writes to, whose last rows can be written again; null where there is none.
    /// </summary>
    public Screen? Screen { get; init; }

    /// <summary>
    /// How wide the terminal is that <see cref="Output"/> is shown on, asked whenever it matters; null where there is none.
    /// </summary>
    public Func<int?> Window { get; init; } = () => null;

    /// <summary>The console of this process. Whatever is written, only plain text reaches it.</summary>
    public static Terminal OfConsole()
    {
        var (output, error) = (StandardStream.Output(), StandardStream.Error());
        Func<int?> window = Console.IsOutputRedirected ? () => null : () => ColumnsOfConsole();
        if (!IsInteractive())
            return new(Plain(output), Plain(error), Display.Plain) { Window = window };
        return On(new(error, ColumnsOfConsole), Plain(output)) with { Window = window };
    }

    /// <summary>A terminal for messages and progress.</summary>
    /// <param name="screen">The terminal.</param>
    /// <param name="output">Where results go.</param>
    internal static Terminal On(Screen screen, TextWriter output) =>
        new(output, new LineWriter(line => screen.Say(PlainText.Lines(line))), Display.Interactive) { Screen = screen };

    /// <summary>A writer of lines of which only plain text reaches another one.</summary>
    internal static TextWriter Plain(TextWriter writer) => new LineWriter(line => writer.WriteLine(PlainText.Lines(line)));

    private static int ColumnsOfConsole()
    {
        try
        {
            return Console.WindowWidth is > 0 and var columns ? columns : UsualColumns;
        }
        catch (IOException)
        {
            // No terminal after all.
            return UsualColumns;
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
