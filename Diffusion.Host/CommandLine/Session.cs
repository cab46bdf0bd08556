using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Diffusion.Math.Values;

namespace Diffusion.Host.CommandLine;

/// <summary>What a command has to talk with: outputs, how much to say, and a token that tells it to stop.</summary>
/// <remarks>Whatever a line is made of, such as names found in files, what is shown and taken down is one line of plain text.</remarks>
/// <param name="Terminal">Where it writes.</param>
/// <param name="Verbosity">How much it says.</param>
/// <param name="Form">The form of its result.</param>
/// <param name="Stopping">Cancelled when a person or the system asks to stop: end the step, save, and return.</param>
public sealed record Session(Terminal Terminal, Verbosity Verbosity, ResultForm Form, CancellationToken Stopping)
{
    // Longer ones, made of names found in files, bury what they say.
    private const int LongestLine = 399;

    // Standard output is no web page: only what JSON itself demands is escaped.
    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// The command line, as it can be pasted into a shell, for commands that go on when they are called again; null where there is none.
    /// </summary>
    public string? CommandLine { get; init; }

    /// <summary>Takes down every line, also those that are not said because of <see cref="Verbosity"/>.</summary>
    public Action<string> Record { get; init; } = _ => { };

    /// <summary>Says a line, unless quiet.</summary>
    public void Say(string line)
    {
        if (Taken(line) is var plain && Verbosity >= Verbosity.Normal)
            Terminal.Error.WriteLine(plain);
    }

    /// <summary>Says a line to those who asked for details.</summary>
    public void Detail(string line)
    {
        if (Taken(line) is var plain && Verbosity >= Verbosity.Verbose)
            Terminal.Error.WriteLine(plain);
    }

    /// <summary>Says a line that changes how a result has to be read, even when quiet.</summary>
    public void Warn(string line) => Terminal.Error.WriteLine(Taken(PlainText.Elided(PlainText.OneLine($"warning: {line}"), LongestLine)));

    /// <summary>Writes the result: the text, or the JSON object as the last line of standard output.</summary>
    public void Answer(string text, JsonObject json) => AnswerAsIs(Form == ResultForm.Json ? "" : Shown(text), json);

    /// <summary>The same of a text that another program reads, such as a document: no line is broken.</summary>
    public void AnswerAsIs(string text, JsonObject json) =>
        Terminal.Output.WriteLine(PlainText.Lines(Form == ResultForm.Json ? json.ToJsonString(OneLine) : text.TrimEnd('\n')));

    // A terminal would break long lines within words.
    private string Shown(string text) => Terminal.Window() is not { } width ? text
        : string.Join('\n', text.Split('\n').SelectMany(line => WrappedText.OfLine(line, Max(width, WrappedText.Within(width)))));

    /// <summary>Ends the session's talk with what went wrong.</summary>
    internal static void Complain(TextWriter error, string reason) =>
        error.WriteLine(PlainText.Elided(PlainText.OneLine($"error: {reason}"), LongestLine));

    private string Taken(string line)
    {
        var plain = PlainText.OneLine(line);
        Record(plain);
        return plain;
    }
}
