using Diffusion.Math.Values;
using Diffusion.Model.Runs;

namespace Diffusion.Host.GpuChecks;

/// <summary>A part of the check: one command line, whose results are files of their own.</summary>
/// <param name="Name">Its name, and that of its files.</param>
/// <param name="Title">What it is, for a person.</param>
/// <param name="Weight">Its share of the time, beside the shares of the others; above zero.</param>
/// <param name="Words">The words after the program's name. <see cref="TimePlace"/> stands for the minutes that it is given.</param>
public sealed record GpuPart(string Name, string Title, double Weight, Sequence<string> Words)
{
    /// <summary>What stands for the minutes that a part is given.</summary>
    public const string TimePlace = "{minutes}";

    /// <summary>What carries it out.</summary>
    public PartProgram Program { get; init; }

    /// <summary>The run that it needs; null for none.</summary>
    public string? Run { get; init; }

    /// <summary>The run that it trains, and goes on with where it was interrupted; null for none.</summary>
    public string? Trains { get; init; }

    /// <summary>The command line, as a shell takes it.</summary>
    /// <param name="words">The words as they are carried out.</param>
    public string CommandLine(Sequence<string> words) =>
        $"{(Program == PartProgram.Python ? "python3" : ResumeLine.Program)} {string.Join(' ', words.Select(ResumeLine.Quoted))}";
}

/// <summary>What carries out a part.</summary>
public enum PartProgram
{
    /// <summary>This program.</summary>
    Own,

    /// <summary>A python3 that has PyTorch.</summary>
    Python,
}

/// <summary>What became of a part.</summary>
/// <param name="Name">The part.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Message">Why it has no results, in a line; empty where it has.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="CommandLine">What was carried out.</param>
public sealed record PartResult(string Name, PartOutcome Outcome, string Message, double Seconds, string CommandLine);

/// <summary>How a part ended.</summary>
public enum PartOutcome
{
    /// <summary>With results.</summary>
    Done,

    /// <summary>With an error.</summary>
    Failed,

    /// <summary>Something that it needs is not there.</summary>
    Skipped,

    /// <summary>It was ended before its results were there.</summary>
    Stopped,
}
