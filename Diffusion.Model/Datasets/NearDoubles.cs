namespace Diffusion.Model.Datasets;

/// <summary>Finds images that are not the same to the pixel, but look the same.</summary>
/// <remarks>
/// Of two gradients that differ in at most four bits, one of five bands is the same in both: only images that share a band are compared.
/// </remarks>
internal static class NearDoubles
{
    private const int Bands = ImagePrint.MostBits + 1;
    private const int Bits = 64;

    /// <summary>The pairs, each once, and whether all were looked for.</summary>
    /// <param name="prints">The images.</param>
    /// <param name="most">The most comparisons: of sets that look alike throughout, such as scans of text, there are too many.</param>
    /// <param name="stopping">Ends it early.</param>
    public static (IReadOnlyList<(int One, int Other)> Pairs, bool IsComplete) In(
        IReadOnlyList<ImagePrint> prints, long most, CancellationToken stopping)
    {
        var (pairs, left) = (new SortedSet<(int, int)>(), most);
        for (var band = 0; band < Bands; band++)
            foreach (var alike in Enumerable.Range(0, prints.Count).Where(index => !prints[index].IsFlat)
                .GroupBy(index => BandOf(prints[index].Gradient, band)).Where(group => group.Skip(1).Any()))
            {
                stopping.ThrowIfCancellationRequested();
                // By brightness: what is far from an image is then far behind it.
                int[] ordered = [.. alike.OrderBy(index => prints[index].Mean).ThenBy(index => index)];
                for (var from = 0; from < ordered.Length; from++)
                    for (var to = from + 1; to < ordered.Length; to++)
                    {
                        if (prints[ordered[to]].Mean - prints[ordered[from]].Mean > ImagePrint.MostBrightening)
                            break;
                        if (--left < 0)
                            return ([.. pairs], false);
                        var (one, other) = (Min(ordered[from], ordered[to]), Max(ordered[from], ordered[to]));
                        if (prints[one].Pixels != prints[other].Pixels && prints[one].IsNear(prints[other]))
                            pairs.Add((one, other));
                    }
            }
        return ([.. pairs], true);
    }

    private static ulong BandOf(ulong gradient, int band)
    {
        var (from, to) = (band * Bits / Bands, (band + 1) * Bits / Bands);
        return gradient >> from & ((1UL << to - from) - 1);
    }
}
