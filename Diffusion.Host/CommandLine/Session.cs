using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Diffusion.Host.CommandLine;

/// <summary>What a command has to talk with: outputs, how much to say, and a token that tells it to stop.</summary>
/// <param name="Terminal">Where it writes.</param>
/// <param name="Verbosity">How much it says.</param>
/// <param name="Form">The form of its result.</param>
/// <param name="Stopping">Cancelled when a person or the system asks to stop: end the step, save, and return.</param>
public sealed record Session(Terminal Terminal, Verbosity Verbosity, ResultForm Form, CancellationToken Stopping)
{
    // Standard output is no web page: only what JSON itself demands is escaped.
    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Takes down every line, also those that are not said because of <see cref="Verbosity"/>.</summary>
    public Action<string> Record { get; init; } = _ => { };

    /// <summary>Says a line, unless quiet.</summary>
    public void Say(string line)
    {
        Record(line);
        if (Verbosity >= Verbosity.Normal)
            Terminal.Error.WriteLine(line);
    }

    /// <summary>Says a line to those who asked for details.</summary>
    public void Detail(string line)
    {
        Record(line);
        if (Verbosity >= Verbosity.Verbose)
            Terminal.Error.WriteLine(line);
    }

    /// <summary>Says a line that changes how a result has to be read, even when quiet.</summary>
    public void Warn(string line)
    {
        Record($"warning: {line}");
        Terminal.Error.WriteLine($"warning: {line}");
    }

    /// <summary>Writes the result: the text, or the JSON object as the last line of standard output.</summary>
    public void Answer(string text, JsonObject json) =>
        Terminal.Output.WriteLine(Form == ResultForm.Json ? json.ToJsonString(OneLine) : text.TrimEnd('\n'));
}
