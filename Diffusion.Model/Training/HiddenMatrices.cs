using Diffusion.Math.Values;

namespace Diffusion.Model.Training;

/// <summary>Which parameters of a network are matrices of hidden layers, and where the others lie.</summary>
/// <remarks>
/// Matrices are the weights of convolutions and affine maps, a kernel [out, in, height, width] as one of [out, in·height·width]. The
/// first and the last layer, and embeddings of times and labels, are not hidden: Jordan et al. 2024, "Muon", leave them to Adam. A map of
/// time and label to scale and shift is two matrices, as those authors take queries, keys and values apart.
/// </remarks>
internal static class HiddenMatrices
{
    private const string Modulation = "time_emb_proj.weight";

    // The first part of a parameter's name: the ends of the U-Net, and of the classifier made of its first half.
    private static readonly HashSet<string> Outer = ["conv_in", "conv_out", "linear_out", "time_embedding", "class_embedding"];

    /// <summary>The matrices of hidden layers, in groups of the same sizes.</summary>
    /// <param name="slices">The parameters among which they are.</param>
    /// <param name="all">All parameters of the network.</param>
    public static Sequence<MatrixGroup> In(Sequence<ParameterSlice> slices, Sequence<ParameterSlice> all) => slices.Where(IsHidden)
        .SelectMany(slice => IsScaleAndShift(slice, all) ? Halves(slice) : [slice])
        .GroupBy(slice => (Rows: slice.Shape[0], Columns: slice.Length / slice.Shape[0]))
        .Select(group => new MatrixGroup(group.Key.Rows, group.Key.Columns, group.ToSequence())).ToSequence();

    /// <summary>Places and lengths of what is not in these matrices, in as few pieces as there can be.</summary>
    /// <param name="slices">Consecutive parameters.</param>
    /// <param name="first">Where the first one begins.</param>
    /// <param name="end">Where the last one ends.</param>
    public static Sequence<(long First, long Length)> Rest(Sequence<ParameterSlice> slices, long first, long end)
    {
        var pieces = new List<(long First, long Length)>();
        foreach (var hidden in slices.Where(IsHidden))
        {
            if (hidden.Offset > first)
                pieces.Add((first, hidden.Offset - first));
            first = hidden.Offset + hidden.Length;
        }
        if (end > first)
            pieces.Add((first, end - first));
        return pieces.ToSequence();
    }

    // Twice as many rows as its block has channels.
    private static bool IsScaleAndShift(ParameterSlice slice, Sequence<ParameterSlice> all) =>
        slice.Name.EndsWith(Modulation, StringComparison.Ordinal)
        && all.Any(other => other.Name == slice.Name.Replace(Modulation, "conv1.weight", StringComparison.Ordinal)
            && slice.Shape[0] == 2 * other.Shape[0]);

    private static ParameterSlice[] Halves(ParameterSlice slice)
    {
        var half = slice with { Shape = [slice.Shape[0] / 2, .. slice.Shape.Skip(1)] };
        return [half, half with { Offset = slice.Offset + half.Length }];
    }

    private static bool IsHidden(ParameterSlice slice) => slice.Shape.Count >= 2 && !Outer.Contains(slice.Name.Split('.')[0]);
}

/// <summary>Matrices of the same sizes.</summary>
/// <param name="Rows">What comes out of the layer.</param>
/// <param name="Columns">What goes in.</param>
/// <param name="Slices">Where they lie.</param>
internal sealed record MatrixGroup(long Rows, long Columns, Sequence<ParameterSlice> Slices);
