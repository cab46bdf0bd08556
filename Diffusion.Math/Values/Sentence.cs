using System.Reflection;
using System.Runtime.InteropServices;

namespace Diffusion.Math.Values;

/// <summary>What failures say, in the words that a person is shown: one line, without what only a programmer can use.</summary>
public static class Sentence
{
    // Appended by .NET to what the program itself said: the parameter's name, and its value on a line of its own.
    private const string Parameter = " (Parameter '";

    // Where libtorch and .NET begin to tell where in their code they were.
    private static readonly string[] Traces = ["\nException raised from ", "\nframe #", "\n   at "];

    // libtorch's allocator tells its own line of code and condition first.
    private const string Enforcement = "[enforce fail at ";

    // How TorchScript begins the line that matters, below the places in the script.
    private const string ScriptFailure = "RuntimeError: ";

    /// <summary>What the failure says, without a full stop.</summary>
    public static string Of(Exception trouble) => trouble switch
    {
        AggregateException { InnerExceptions: [var first, ..] } => Of(first),
        TypeInitializationException { InnerException: { } cause } => Of(cause),
        TargetInvocationException { InnerException: { } cause } => Of(cause),
        FileNotFoundException { FileName: { } part } when part.Contains(", Version=", StringComparison.Ordinal) =>
            $"the program cannot load its part {part.Split(',')[0]}: "
            + "this process may open too few files (ulimit -n), or the part is missing",
        OutOfMemoryException => "there is not enough memory",
        ExternalException native => Of(Native(native.Message)),
        _ => Of(trouble.Message),
    };

    /// <summary>A message of whatever origin as part of a line, without a full stop.</summary>
    public static string Of(string message)
    {
        var end = Traces.Append(Parameter).Select(mark => message.IndexOf(mark, StringComparison.Ordinal)).Where(at => at >= 0);
        return PlainText.OneLine(message[..end.DefaultIfEmpty(message.Length).Min()]).TrimEnd('.');
    }

    /// <summary>The same for a line that names the place already: it is not named again.</summary>
    /// <param name="message">The message.</param>
    /// <param name="place">The file or folder, as the line names it.</param>
    public static string Of(string message, string place)
    {
        if (place.Length == 0)
            return Of(message);
        if (message.StartsWith($"{place}: ", StringComparison.Ordinal))
            message = message[(place.Length + 2)..];
        // As .NET's messages have it: "Could not find file '/a/b'.", "No space left on device : '/a/b'".
        foreach (var named in (string[])[place, Path.GetFullPath(place.Replace('\0', '?'))])
            message = message.Replace($" : '{named}'", "", StringComparison.Ordinal).Replace($" '{named}'", "", StringComparison.Ordinal);
        return Of(message);
    }

    /// <summary>What an attempt is refused for by an <see cref="ArgumentException"/>; null where it succeeds.</summary>
    public static string? OfRefusal(Action attempt)
    {
        try
        {
            attempt();
            return null;
        }
        catch (ArgumentException refusal)
        {
            return Of(refusal);
        }
    }

    private static string Native(string message)
    {
        var lines = message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var telling = lines.LastOrDefault(line => line.StartsWith(ScriptFailure, StringComparison.Ordinal)) is { } failure
            ? failure[ScriptFailure.Length..]
            : lines.FirstOrDefault() ?? "libtorch failed without a word";
        if (!telling.StartsWith(Enforcement, StringComparison.Ordinal)
            || telling.IndexOf("] ", StringComparison.Ordinal) is not (> 0 and var bracket))
            return telling;
        var rest = telling[(bracket + 2)..];
        return rest.IndexOf(". ", StringComparison.Ordinal) is >= 0 and var condition ? rest[(condition + 2)..] : rest;
    }
}
