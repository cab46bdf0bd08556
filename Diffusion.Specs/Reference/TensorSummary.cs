using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Reference;

/// <summary>A tensor as the reference files tell it: its shape, five statistics, and the values at some flat indices.</summary>
public sealed class TensorSummary
{
    private readonly string _path;
    private readonly long[] _shape;
    private readonly (double Sum, double Mean, double Deviation, double L2, double MaxAbs) _moments;
    private readonly long[] _indices;
    private readonly double[] _values;

    /// <summary>Reads a summary; every field of it must be known.</summary>
    public TensorSummary(ReferenceObject summary)
    {
        _path = summary.Path;
        _shape = [.. summary.Numbers("shape").Select(extent => (long)extent)];
        _moments = (summary.Number("sum"), summary.Number("mean"), summary.Number("std_population"), summary.Number("l2"),
            summary.Number("max_abs"));
        _indices = [.. summary.Numbers("probe_indices").Select(index => (long)index)];
        _values = summary.Numbers("probe_values");
        summary.Complete();
        Assert.Equal(_indices.Length, _values.Length);
    }

    /// <summary>
    /// Fails unless the tensor is this one, each element within the tolerance times the largest element (or 1 if that is larger).
    /// </summary>
    public void AssertNearRelative(Tensor tensor, double tolerance) => AssertNear(tensor, tolerance * Max(1, _moments.MaxAbs));

    /// <summary>Fails unless the tensor is this one, each element within the tolerance.</summary>
    public void AssertNear(Tensor tensor, double each)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(_shape, tensor.shape);
        var values = tensor.detach().to(float64).flatten();
        var count = values.numel();
        // n errors of that size can add up to n of them in the sum, and to √n in the norm.
        Near(_moments.Sum, values.sum().item<double>(), each * count, "sum");
        Near(_moments.Mean, values.mean().item<double>(), each, "mean");
        Near(_moments.Deviation, values.std(unbiased: false).item<double>(), each, "standard deviation");
        Near(_moments.L2, values.norm().item<double>(), each * Sqrt(count), "norm");
        Near(_moments.MaxAbs, values.abs().max().item<double>(), each, "largest");
        var probes = values.index_select(0, torch.tensor(_indices)).data<double>().ToArray();
        for (var probe = 0; probe < probes.Length; probe++)
            Near(_values[probe], probes[probe], each, $"element {_indices[probe]}");
    }

    private void Near(double expected, double found, double tolerance, string what) =>
        Assert.True(Abs(expected - found) <= tolerance, FormattableString.Invariant(
            $"{_path}: {what} is {found:R}, not {expected:R}; off by {Abs(expected - found):E2}, allowed {tolerance:E2}"));
}
