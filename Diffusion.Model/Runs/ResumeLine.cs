namespace Diffusion.Model.Runs;

/// <summary>The command line that goes on with a run, as it can be pasted into a shell.</summary>
public static class ResumeLine
{
    /// <summary>The program's name.</summary>
    public const string Program = "diffusion";

    /// <summary>The program as it can be called here: its name, or what comes before the command where it was started otherwise.</summary>
    public static string Call { get; private set; } = Program;

    /// <summary>Says how the program was started, for every command line that is printed from here on.</summary>
    /// <param name="call">The words before the command, quoted for a shell.</param>
    public static void StartedAs(string call) => Call = call;

    /// <summary>The line without any setting.</summary>
    /// <param name="run">The run folder.</param>
    /// <param name="verb">The command.</param>
    public static string Of(string run, string verb = "train") => $"{Call} {verb} --resume {Quoted(run)}";

    /// <summary>The line that these words make.</summary>
    /// <param name="words">The command and what follows it.</param>
    public static string Of(IEnumerable<string> words) => string.Join(' ', words.Select(Quoted).Prepend(Call));

    /// <summary>A word as a shell takes it for one word.</summary>
    public static string Quoted(string word) =>
        word.Length > 0 && word.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_./:=,+@%".Contains(letter, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
