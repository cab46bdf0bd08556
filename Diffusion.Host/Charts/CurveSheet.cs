using System.Globalization;
using Diffusion.Math.Values;

namespace Diffusion.Host.Charts;

/// <summary>The curves of some runs in one figure: what training did, and the distances, over epochs.</summary>
/// <param name="Runs">The runs, in the order of the legend; at least one.</param>
public sealed record CurveSheet(Sequence<RunCurves> Runs)
{
    /// <summary>The figure.</summary>
    public ChartSheet Sheet => new(Title, Charts);

    /// <summary>Whose curves these are, and how far they go.</summary>
    public string Title
    {
        get
        {
            var recipes = string.Join(", ", Runs.Select(run => run.Recipe).Distinct());
            var measured = string.Join(" or ", Runs.Select(run => run.Usual).OfType<Measure>().Select(measure => measure.Text).Distinct());
            return string.Create(
                CultureInfo.InvariantCulture, $"{recipes}: {(Runs.Count > 1 ? $"{Runs.Count} runs" : Runs[0].Folder)}; {measured}");
        }
    }

    /// <summary>A chart per quantity, those of training first.</summary>
    public Sequence<Chart> Charts =>
    [
        Spread("loss"), Of("learning rate", Points("learning_rate")), Spread("gradient norm"),
        .. Runs.SelectMany(run => run.Distances).Distinct().Select(Distance).Where(chart => chart.Points.Count > 0),
    ];

    private static ChartAxis Epochs { get; } = new("epoch", new ValueScale.Whole());

    private Chart Spread(string title)
    {
        var chart = Of(title, Points(title.Replace(' ', '_')));
        var scale = ValueScale.Spread(chart.Points.Select(point => point.Y).ToSequence());
        return chart with { Vertical = scale, Remark = scale is ValueScale.Logarithmic ? "log scale" : "" };
    }

    // Distances measured in different ways are never joined by a line.
    private Chart Distance(string name)
    {
        var points = Points(name);
        string Samples(bool isUsual) =>
            string.Join(" or ",
                points.SelectMany(run => run).Where(point => point.IsUsual == isUsual).Select(point => point.Measure.Samples).Distinct());
        var otherwise = points.Select(run => run.Where(point => !point.IsUsual).ToSequence()).ToSequence();
        var usual = Of(name, points.Select(run => run.Where(point => point.IsUsual).ToSequence()).ToSequence());
        return usual with
        {
            Series = [.. usual.Series, .. Of(name, otherwise).Series.Select(series => series with { Style = SeriesStyle.Circles })],
            Remark =
                $"n = {Samples(true)}{(Samples(false) is { Length: > 0 } other ? $"; circles: measured differently, n = {other}" : "")}",
        };
    }

    private Chart Of(string title, Sequence<Sequence<CurvePoint>> runs) => new(title, Epochs, new ValueScale.FromZero(),
        runs.Zip(NamesOf(Runs), (points, name) =>
            new Series(name, points.Select(point => new ChartPoint(point.Epoch, point.Value)).ToSequence())).ToSequence());

    private Sequence<Sequence<CurvePoint>> Points(string column) => Runs.Select(run => run.Points(column)).ToSequence();

    /// <summary>
    /// What runs are called beside each other: by their folders, and where those have one name in different places, by number.
    /// </summary>
    public static Sequence<string> NamesOf(Sequence<RunCurves> runs) => runs.Index()
        .Select(run => (run.Item, Earlier: runs.Take(run.Index).Count(earlier => earlier.Folder == run.Item.Folder)))
        .Select(run => $"{run.Item.Folder}{(run.Earlier > 0 ? $" no. {run.Earlier + 1}" : "")} ({run.Item.Recipe})")
        .ToSequence();
}
