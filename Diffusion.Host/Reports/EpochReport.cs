using Diffusion.Math.Values;
using Diffusion.Model.Training;

namespace Diffusion.Host.Reports;

/// <summary>A row of <c>report.csv</c>: everything known at the end of an epoch.</summary>
/// <param name="Epoch">Counted from 1.</param>
/// <param name="Training">How training went since the row before.</param>
/// <param name="Pace">How fast.</param>
/// <param name="Samples">What was drawn and measured.</param>
/// <param name="Provenance">What the distances depend on besides; rows that differ in it are not to be compared.</param>
public sealed record EpochReport(int Epoch, TrainingReport Training, Pace Pace, SampleReport Samples, string Provenance);

/// <summary>How fast training went.</summary>
/// <param name="Elapsed">Since the run began, without the time between a stop and a resume.</param>
/// <param name="ImagesPerSecond">Since the last report, while training; at least 0.</param>
public readonly record struct Pace(TimeSpan Elapsed, double ImagesPerSecond);

/// <summary>Samples and what was measured on them.</summary>
/// <param name="Count">How many distances were computed from.</param>
/// <param name="Sampler">How they were drawn.</param>
/// <param name="NetworkCalls">Network evaluations per sample (NFE).</param>
/// <param name="Distances">The distances, in the order of the columns.</param>
public sealed record SampleReport(int Count, string Sampler, int NetworkCalls, Sequence<Distance> Distances);

/// <summary>A distance between samples and pictures; smaller is better.</summary>
/// <param name="Name">The column, such as <c>fd_cifarnet</c>; <c>fid</c> only with the genuine network.</param>
/// <param name="Value">At least 0, or NaN where it could not be computed.</param>
public readonly record struct Distance(string Name, double Value);
