using System.Globalization;
using Diffusion.Model.Training;

namespace Diffusion.Model.Runs;

/// <summary>A row of <c>report.csv</c>: everything known at an evaluation.</summary>
/// <param name="Epoch">Passes over the data so far.</param>
/// <param name="Training">How training went since the row before.</param>
/// <param name="Pace">How fast.</param>
/// <param name="Found">What was measured.</param>
/// <param name="Provenance">What the distances depend on besides; rows that differ in it are not to be compared.</param>
public sealed record ReportRow(double Epoch, TrainingReport Training, Pace Pace, EvaluationResult Found, string Provenance);

/// <summary>How fast training went.</summary>
/// <param name="Elapsed">Since the run began, without the time between a stop and a resume.</param>
/// <param name="ImagesPerSecond">Since the last report or resume, while training; null where no step was made since then.</param>
public readonly record struct Pace(TimeSpan Elapsed, double? ImagesPerSecond)
{
    /// <summary>The pace as the end of a list of facts; empty where there is none.</summary>
    internal static string Text(double? imagesPerSecond) =>
        imagesPerSecond is { } images ? string.Create(CultureInfo.InvariantCulture, $", {images:0} images/s") : "";
}
