using Diffusion.Math.Values;

namespace Diffusion.Model.Checkpoints;

/// <summary>
/// What <c>progress.json</c> says: what a run had reported up to a checkpoint. It tells the time, so it is no part of what two runs of one
/// recipe have in common, and <c>checkpoint.json</c> does not cover it.
/// </summary>
/// <param name="Seconds">How long the run had taken, without the time between a stop and a resume.</param>
/// <param name="Columns">Columns of <c>report.csv</c>.</param>
/// <param name="Rows">Its rows.</param>
public sealed record RunProgress(double Seconds, Sequence<string> Columns, Sequence<Sequence<string>> Rows)
{
    /// <summary>Steps since the last evaluation; null where that is not known.</summary>
    public long? Steps { get; init; }

    /// <summary>Seconds that they took; null where that is not known.</summary>
    public double? StepSeconds { get; init; }

    /// <summary>The time that the steps since the last evaluation took.</summary>
    internal TimeSpan Training => IsTime(StepSeconds) && Steps is > 0 ? TimeSpan.FromSeconds(StepSeconds!.Value) : TimeSpan.Zero;

    /// <summary>The steps since the last evaluation, of so many in the whole run; 0 where their time is not known.</summary>
    internal long StepsOf(long updates) => IsTime(StepSeconds) && Steps is > 0 and var steps && steps <= updates ? steps : 0;

    private static bool IsTime(double? seconds) => seconds is >= 0 and < 1e12;

    /// <summary>Hash of the file, 64 hexadecimal digits, with zeros in their place.</summary>
    public string? Sha256 { get; init; }
}
