namespace Diffusion.Model.Evaluation;

/// <summary>One measured number.</summary>
/// <param name="Name">The column, such as <c>fd_cifarnet</c>; <c>fid</c> only with the genuine network.</param>
/// <param name="Value">The number; NaN where it could not be computed.</param>
public readonly record struct MetricValue(string Name, double Value);
