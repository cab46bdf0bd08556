using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;

namespace Diffusion.Host.Benchmarks;

/// <summary>What came of the trainings of a comparison: a row for each recipe, medians and ranges over the seeds.</summary>
/// <param name="names">What the recipes are called.</param>
/// <param name="products">The pace of a matrix product by precision, in GFLOP/s.</param>
/// <param name="precisions">The precision of each recipe.</param>
internal sealed class QualityTable(
    Sequence<string> names, IReadOnlyDictionary<Precision, double> products, Sequence<Precision> precisions)
{
    private const int LongestName = 40;

    private readonly List<(int Index, Quality Quality)> _qualities = [];

    /// <summary>Adds a training.</summary>
    /// <param name="index">Which of the recipes.</param>
    /// <param name="quality">What came of it.</param>
    public void Add(int index, Quality quality) => _qualities.Add((index, quality));

    /// <summary>One training as a line.</summary>
    public static string Line(string name, Quality quality) => string.Create(CultureInfo.InvariantCulture,
        $"{name}, seed {quality.Seed}: {LengthRecipe.StepText(quality.Steps)}, {quality.Images:N0} images in {quality.Seconds:0.0} s, "
        + $"{quality.Sampler}: {string.Join(", ", Shown(quality).Select(value => $"{value.Name} {Text(value.Value)}"))}");

    /// <summary>All that is known by now.</summary>
    /// <param name="code">Whether it was stopped.</param>
    public BenchmarkReport Report(ExitCode code) => new(
        Written([Titles, .. Rows.Select(row => Cells(row.Index, row.Qualities))]) + Legend,
        new([.. Rows.Select(row => Json(row.Index, row.Qualities))]), code);

    private Sequence<(int Index, Sequence<Quality> Qualities)> Rows => names.Index()
        .Select(name => (name.Index, _qualities.Where(entry => entry.Index == name.Index).Select(entry => entry.Quality).ToSequence()))
        .Where(row => row.Item2.Count > 0).ToSequence();

    private Sequence<string> Columns =>
        _qualities.SelectMany(entry => Shown(entry.Quality)).Select(value => value.Name).Distinct().ToSequence();

    private Sequence<string> Titles =>
        ["recipe", "seeds", "steps", "images", "seconds", "TFLOP", "of peak", .. Columns.Select(name => $"{name} (range)")];

    // A name with many settings would push the numbers off the screen.
    private bool NumbersNames => names.Any(name => name.Length > LongestName);

    private string NameOf(int index) =>
        NumbersNames ? string.Create(CultureInfo.InvariantCulture, $"recipe {index + 1}") : names[index];

    private string Legend => NumbersNames && Rows.Count > 0
        ? "\n" + string.Concat(Rows.Select(row => $"{NameOf(row.Index)}: {names[row.Index]}\n"))
        : "";

    private Sequence<string> Cells(int index, Sequence<Quality> qualities)
    {
        double Median(Func<Quality, double> number) => Spread.Of(qualities.Select(number)).Median;
        return
        [
            NameOf(index), Whole(qualities.Count), Whole(Median(quality => quality.Steps)), Whole(Median(quality => quality.Images)),
            NumberText.Short(Median(quality => quality.Seconds), "0.0"), Text(1e-12 * Median(quality => quality.Operations)),
            NumberText.Short(Median(quality => OfPeak(index, quality)), "0.00"),
            .. Columns.Select(name => Values(name, qualities) is { Count: > 0 } values ? Spread.Of(values).Text : ""),
        ];
    }

    private JsonObject Json(int index, Sequence<Quality> qualities) => new()
    {
        ["recipe"] = names[index],
        ["measures"] = new JsonObject(Columns.Where(name => Values(name, qualities).Count > 0).Select(name =>
            KeyValuePair.Create(name, (JsonNode?)Spread.Of(Values(name, qualities)).Json))),
        ["seeds"] = new JsonArray([.. qualities.Select(quality => new JsonObject
        {
            ["seed"] = quality.Seed,
            ["steps"] = quality.Steps,
            ["images"] = quality.Images,
            ["seconds"] = quality.Seconds,
            ["flop"] = quality.Operations,
            ["of_peak"] = OfPeak(index, quality),
            ["batch"] = quality.Batch,
            ["sampler"] = quality.Sampler,
            ["samples"] = quality.Count,
            ["measures"] = new JsonObject(Shown(quality).Select(value => KeyValuePair.Create(value.Name, NumberText.Json(value.Value)))),
        })]),
    };

    private double OfPeak(int index, Quality quality) => 1e-9 * quality.Operations / quality.Seconds / products[precisions[index]];

    // The numbers of single classes are left out.
    private static IEnumerable<Model.Evaluation.MetricValue> Shown(Quality quality) =>
        quality.Values.Where(value => !char.IsAsciiDigit(value.Name[^1]));

    private static Sequence<double> Values(string name, Sequence<Quality> qualities) =>
        qualities.SelectMany(quality => quality.Values).Where(value => value.Name == name).Select(value => value.Value).ToSequence();

    private static string Written(Sequence<Sequence<string>> rows)
    {
        var widths = rows[0].Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in rows)
            text.AppendJoin("  ", row.Select((cell, column) => column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column])))
                .Append('\n');
        return text.ToString();
    }

    private static string Whole(double number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Text(double number) => NumberText.Short(number, "0.###");

    private readonly record struct Spread(double Median, double Least, double Most)
    {
        // Numbers that are not finite come last: they are no good.
        public static Spread Of(IEnumerable<double> numbers)
        {
            double[] sorted = [.. numbers.OrderBy(number => double.IsFinite(number) ? number : double.PositiveInfinity)];
            return new((sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2, sorted[0], sorted[^1]);
        }

        public string Text => $"{QualityTable.Text(Median)} ({QualityTable.Text(Least)}-{QualityTable.Text(Most)})";

        public JsonObject Json => new()
        {
            ["median"] = NumberText.Json(Median), ["least"] = NumberText.Json(Least), ["most"] = NumberText.Json(Most),
        };
    }
}
