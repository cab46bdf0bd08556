using System.Globalization;
using Diffusion.Math.Values;

namespace Diffusion.Host.Charts;

/// <summary>The curves of some runs in one figure: what training did, and the distances, over steps.</summary>
/// <param name="Runs">The runs, in the order of the legend; at least one.</param>
public sealed record CurveSheet(Sequence<RunCurves> Runs)
{
    private const int MostDistances = 6;

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
                CultureInfo.InvariantCulture,
                $"{recipes}: {(Runs.Count > 1 ? $"{Runs.Count} runs" : Runs[0].Folder)}{(measured.Length > 0 ? $"; {measured}" : "")}");
        }
    }

    /// <summary>A chart per quantity, those of training first, and of what was measured the first few.</summary>
    public Sequence<Chart> Charts
    {
        get
        {
            Chart[] charts =
            [
                Spread("loss"), OfTraining("learning rate"), Spread("gradient norm"),
                .. Runs.SelectMany(run => run.Overall).Distinct().Select(Distance).Where(chart => chart.Points.Count > 0)
                    .Take(MostDistances),
            ];
            var steps = charts.SelectMany(chart => chart.Points).Select(point => point.X).DefaultIfEmpty(1).ToList();
            var axis = new ChartAxis("step", new ValueScale.Whole { Range = (steps.Min(), steps.Max()) });
            return charts.Select(chart => chart with { Horizontal = axis }).ToSequence();
        }
    }

    private static ChartAxis Steps { get; } = new("step", new ValueScale.Whole());

    private Chart Spread(string title)
    {
        var chart = OfTraining(title);
        var scale = ValueScale.Spread(chart.Points.Select(point => point.Y).ToSequence());
        return chart with { Vertical = scale, Remark = scale is ValueScale.Logarithmic ? "log scale" : "" };
    }

    // Every few steps, and of a run of before at its evaluations.
    private Chart OfTraining(string title)
    {
        var column = title.Replace(' ', '_');
        var fine = Runs.Select(run => run.FinePoints(column)).ToSequence();
        var chart = Of(title, Runs.Zip(fine, (run, points) => points.Count > 0 ? points : run.Points(column)).ToSequence());
        return chart with
        {
            Series = chart.Series.Zip(fine, (series, points) => points.Count > 0 ? series with { Style = SeriesStyle.Fine } : series)
                .ToSequence(),
        };
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

    private Chart Of(string title, Sequence<Sequence<CurvePoint>> runs) => new(title, Steps, new ValueScale.FromZero(),
        runs.Zip(NamesOf(Runs), (points, name) =>
            new Series(name, points.Select(point => new ChartPoint(point.Step, point.Value)).ToSequence())).ToSequence());

    private Sequence<Sequence<CurvePoint>> Points(string column) => Runs.Select(run => run.Points(column)).ToSequence();

    /// <summary>
    /// What runs are called beside each other: by their folders, and where those have one name in different places, by number.
    /// </summary>
    public static Sequence<string> NamesOf(Sequence<RunCurves> runs) => runs.Index()
        .Select(run => (run.Item, Earlier: runs.Take(run.Index).Count(earlier => earlier.Folder == run.Item.Folder)))
        .Select(run => $"{run.Item.Folder}{(run.Earlier > 0 ? $" no. {run.Earlier + 1}" : "")} ({run.Item.Recipe})")
        .ToSequence();
}
