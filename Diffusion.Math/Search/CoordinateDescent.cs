using Diffusion.Math.Values;

namespace Diffusion.Math.Search;

/// <summary>Improves rising places one at a time, by trial. Deterministic, and never worse than its start.</summary>
/// <param name="Places">How many places there are; the last place is <paramref name="Places"/> − 1.</param>
/// <param name="Trials">How many trials are made at most, the start among them; at least 1.</param>
public sealed record CoordinateDescent(int Places, int Trials)
{
    // Each stretch of strides begins anew while it helps.
    private const int MostSweeps = 3;

    /// <summary>How many trials are made at most, the start among them; at least 1.</summary>
    public int Trials { get; init => field = Require.AtLeast(value, 1, nameof(Trials)); } = Require.AtLeast(Trials, 1);

    /// <summary>The best places found, and their cost.</summary>
    /// <remarks>
    /// All places but the first and the last move, by strides that halve from the mean distance to 1: each goes up and down by the stride
    /// while that lowers the cost.
    /// </remarks>
    /// <param name="start">Rising places.</param>
    /// <param name="cost">What a choice of places costs.</param>
    public (Sequence<int> Places, double Cost) From(Sequence<int> start, Func<Sequence<int>, double> cost)
    {
        var known = new Dictionary<Sequence<int>, double>();
        double CostOf(Sequence<int> places)
        {
            if (!known.TryGetValue(places, out var value))
                known.Add(places, value = cost(places) is var found && double.IsNaN(found) ? double.PositiveInfinity : found);
            return value;
        }
        var (best, lowest) = (start, CostOf(start));
        for (var stride = Max(1, Places / Max(1, start.Count)); stride >= 1; stride /= 2)
        {
            for (var (sweep, improved) = (0, true); improved && sweep < MostSweeps; sweep++)
            {
                improved = false;
                for (var index = 1; index < start.Count - 1; index++)
                    foreach (var move in (ReadOnlySpan<int>)[stride, -stride])
                        while (Moved(best, index, move) is { } next && (known.ContainsKey(next) || known.Count < Trials)
                            && CostOf(next) < lowest)
                            (best, lowest, improved) = (next, CostOf(next), true);
            }
        }
        return (best, lowest);
    }

    private static Sequence<int>? Moved(Sequence<int> places, int index, int move)
    {
        var place = places[index] + move;
        return place > places[index - 1] && place < places[index + 1]
            ? Sequence.Generate(places.Count, at => at == index ? place : places[at]) : null;
    }
}
