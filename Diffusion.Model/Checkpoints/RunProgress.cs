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
    /// <summary>Hash of the file, 64 hexadecimal digits, with zeros in their place.</summary>
    public string? Sha256 { get; init; }
}
