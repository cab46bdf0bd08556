using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;

namespace Diffusion.Host.Displays;

/// <summary>How far some work is, as one row of a terminal.</summary>
/// <param name="Name">What is done.</param>
/// <param name="Share">How much of it, from 0 to 1.</param>
/// <param name="Count">The same in numbers.</param>
/// <param name="Details">What else is worth seeing, in parts of which the last are the first to go.</param>
/// <param name="Rest">How long it still takes; empty where that is unknown.</param>
public sealed record ProgressRow(string Name, double Share, string Count, Sequence<string> Details, string Rest)
{
    private const int ShortestBar = 8;
    private const int LongestBar = 40;

    /// <summary>
    /// The row in so many cells: first the details are left out, one after another, then the bar, then the time that is left.
    /// </summary>
    /// <param name="cells">The room there is.</param>
    /// <param name="hasUnicode">Whether there are other signs than those of ASCII.</param>
    public string Text(int cells, bool hasUnicode)
    {
        for (var details = Details.Count; details >= 0; details--)
        {
            var texts = Joined(Count, string.Join(", ", Details.Take(details)), Rest);
            if (cells - Cells.Of(texts) - Cells.Of(Name) - 2 is var room and >= ShortestBar)
                return $"{Name} {Bar(Min(room, Clamp(cells / 4, ShortestBar, LongestBar)), hasUnicode)} {texts}";
        }
        var withRest = Joined(Name, Count, Rest);
        return Cells.Of(withRest) <= cells ? withRest : Cells.Fitted(Joined(Name, Count), cells);
    }

    private string Bar(int cells, bool hasUnicode)
    {
        var done = (int)(Clamp(Share, 0, 1) * cells);
        return new string(hasUnicode ? '━' : '#', done) + new string(hasUnicode ? '─' : '-', cells - done);
    }

    private static string Joined(params ReadOnlySpan<string> parts) => string.Join(' ', parts.ToArray().Where(part => part.Length > 0));
}
