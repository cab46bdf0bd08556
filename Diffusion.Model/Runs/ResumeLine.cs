namespace Diffusion.Model.Runs;

/// <summary>The command line that goes on with a run, as it can be pasted into a shell.</summary>
public static class ResumeLine
{
    private const string Program = "diffusion";

    /// <summary>The line without any setting.</summary>
    /// <param name="run">The run folder.</param>
    /// <param name="verb">The command.</param>
    public static string Of(string run, string verb = "train") => $"{Program} {verb} --resume {Quoted(run)}";

    /// <summary>A word as a shell takes it for one word.</summary>
    public static string Quoted(string word) =>
        word.Length > 0 && word.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_./:=,+@%".Contains(letter, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
