namespace Diffusion.Math.Evaluation;

/// <summary>Cuts many rows into pieces, so that a table of all pairs is never held whole.</summary>
internal static class Blocks
{
    internal const int Rows = 256;

    internal static IEnumerable<(int Start, int Count)> Of(int rows)
    {
        for (var start = 0; start < rows; start += Rows)
            yield return (start, Min(Rows, rows - start));
    }
}
