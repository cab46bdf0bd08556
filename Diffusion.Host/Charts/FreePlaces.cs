using SkiaSharp;

namespace Diffusion.Host.Charts;

/// <summary>Finds places for the words within a chart: off its lines, and off each other.</summary>
/// <param name="area">Where words may stand.</param>
internal sealed class FreePlaces(SKRect area)
{
    private const float Apart = 3;
    private const float Reach = 8;
    private readonly List<(SKPoint From, SKPoint To)> _lines = [];
    private readonly List<SKPoint> _points = [];
    private readonly List<SKRect> _words = [];

    /// <summary>Keeps words off a line.</summary>
    public void KeepOff(SKPoint from, SKPoint to) => _lines.Add((from, to));

    /// <summary>Keeps words so far from a point that nobody takes them for its own.</summary>
    public void KeepOff(SKPoint point) => _points.Add(point);

    /// <summary>Takes the place that is least in the way.</summary>
    /// <param name="width">Of the words.</param>
    /// <param name="height">Of the words, above their base line.</param>
    /// <param name="starts">Where their base line may begin; of places that are equally free the first is taken.</param>
    /// <param name="own">The point that they belong to; null for none.</param>
    public SKPoint Take(float width, float height, IEnumerable<SKPoint> starts, SKPoint? own = null)
    {
        var chosen = starts.MinBy(start => Cost(Box(start, width, height)) + Near(Box(start, width, height), own));
        _words.Add(Box(chosen, width, height));
        return chosen;
    }

    private static SKRect Box(SKPoint start, float width, float height) =>
        new(start.X - Apart, start.Y - height - Apart, start.X + width + Apart, start.Y + Apart);

    private int Near(SKRect box, SKPoint? own) =>
        _points.Count(point => point == own ? box.Contains(point) : SKRect.Inflate(box, Reach - Apart, Reach - Apart).Contains(point));

    // Words on words cannot be read, words beyond the edge are cut; words on a line can be read, though not well.
    private int Cost(SKRect box) =>
        (area.Contains(box) ? 0 : 1000) + 100 * _words.Count(other => other.IntersectsWith(box)) + _lines.Count(
            line => Crosses(line.From, line.To, box));

    // Liang and Barsky 1984: what is left of a line when each side of the box has cut it.
    private static bool Crosses(SKPoint from, SKPoint to, SKRect box)
    {
        var (first, last) = (0f, 1f);
        bool Cut(float along, float inside)
        {
            if (along == 0)
                return inside >= 0;
            (first, last) = along < 0 ? (Max(first, inside / along), last) : (first, Min(last, inside / along));
            return first <= last;
        }
        var (dx, dy) = (to.X - from.X, to.Y - from.Y);
        return Cut(-dx, from.X - box.Left) && Cut(dx, box.Right - from.X) && Cut(-dy, from.Y - box.Top) && Cut(dy, box.Bottom - from.Y);
    }
}
