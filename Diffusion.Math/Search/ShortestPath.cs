using Diffusion.Math.Values;

namespace Diffusion.Math.Search;

/// <summary>The cheapest way through ordered places in a given number of steps.</summary>
public static class ShortestPath
{
    /// <summary>The places visited, the first and the last among them, by dynamic programming.</summary>
    /// <remarks>best(k, j) = min over i &lt; j of best(k − 1, i) + cost(i, j). Chen et al. 2024, "On the trajectory regularity of
    /// ODE-based diffusion sampling", Section 4. Of equal ways the one with the earlier places.</remarks>
    /// <param name="places">How many places there are; at least 2.</param>
    /// <param name="steps">How many steps are taken; at least 1 and below <paramref name="places"/>.</param>
    /// <param name="cost">What the step from one place to a later one costs.</param>
    public static Sequence<int> Through(int places, int steps, Func<int, int, double> cost)
    {
        Require.AtLeast(places, 2);
        Require.Within(steps, 1, places - 1);
        var best = new double[steps + 1, places];
        var before = new int[steps + 1, places];
        for (var taken = 0; taken <= steps; taken++)
            for (var place = 0; place < places; place++)
                best[taken, place] = double.PositiveInfinity;
        best[0, 0] = 0;
        for (var taken = 1; taken <= steps; taken++)
            for (var place = taken; place < places; place++)
                for (var from = taken - 1; from < place; from++)
                {
                    var total = best[taken - 1, from] + cost(from, place);
                    if (total < best[taken, place])
                        (best[taken, place], before[taken, place]) = (total, from);
                }
        var way = new int[steps + 1];
        way[steps] = places - 1;
        for (var taken = steps; taken > 0; taken--)
            way[taken - 1] = before[taken, way[taken]];
        return way.ToSequence();
    }
}
