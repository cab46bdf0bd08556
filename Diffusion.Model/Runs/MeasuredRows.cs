using System.Globalization;
using System.Text.RegularExpressions;
using Diffusion.Math.Values;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;

namespace Diffusion.Model.Runs;

/// <summary>Rows that <c>fid --csv</c> has written, to be compared with each other, but only where they can be.</summary>
/// <param name="Rows">The rows.</param>
public sealed record MeasuredRows(Sequence<MeasuredRow> Rows)
{
    private const string Samples = "samples";
    private const string Note = "note";

    /// <summary>Columns that say which samples of which model were measured; empty for images from elsewhere.</summary>
    public static Sequence<string> OriginColumns { get; } = ["recipe", "step", "sampler", "seed"];

    /// <summary>
    /// Columns that say where a row of a sweep belongs in its figure: how samples were drawn, and the guidance, as the weight w of
    /// classifier-free guidance (Ho and Salimans 2021) and as the scale s, which is 1 + w; guidance by a classifier has no w.
    /// </summary>
    public static Sequence<string> SweepColumns { get; } = ["method", "w", "s"];

    // What a sweep varies is what its rows are compared across; one with a classifier has a second model beside, with its own average.
    // One over guidance may be by several samplers, which are methods then.
    private static readonly Sequence<string> SweptByGuidance = ["guidance", "nfe", "ema"];
    private static readonly Sequence<string> SweptBySampler = ["nfe", "plan_sha256"];

    private const string FormerScale = "strength";
    private static readonly Dictionary<string, string> FormerColumns = new() { ["guidance_w"] = "w", ["guidance_scale"] = "s" };

    /// <summary>The names of all protocol fields.</summary>
    public static Sequence<string> FieldNames { get; } = new MeasurementProtocol(ExtractorIdentity.Unknown, new("", null), null, null)
        .Fields.Select(field => field.Name).Concat(MeasurementProtocol.OptionalFields).ToSequence();

    private static readonly HashSet<string> NoMeasure =
    [
        .. FieldNames, .. SweepColumns, Note, "reference", Samples, "samples_sha256",
        .. OriginColumns,
    ];

    /// <summary>
    /// The table of a sweep with the columns and the names of EMAs of today. Once the columns were <c>guidance_w</c> and
    /// <c>guidance_scale</c>; and before that
    /// <c>strength</c>, which was s, while the words of the protocol said which guidance it was of.
    /// </summary>
    public static ReportTable Upgraded(ReportTable table)
    {
        var columns = table.Columns.Select(name => FormerColumns.GetValueOrDefault(name, name)).ToSequence();
        table = table with
        {
            Rows = table.Rows.Select(row => row.Index()
                .Select(cell => columns[cell.Index] == "ema" ? EmaText.Present(cell.Item) : cell.Item).ToSequence()).ToSequence(),
        };
        if (!columns.Contains(FormerScale) || columns.Contains(SweepColumns[2]))
            return table with { Columns = columns };
        var (scale, words) = (columns.ToList().IndexOf(FormerScale), columns.ToList().IndexOf("guidance"));
        string W(Sequence<string> row) => words >= 0 && row[words].StartsWith('w')
            && double.TryParse(row[scale], NumberStyles.Float, CultureInfo.InvariantCulture, out var s)
            ? NumberText.Exact(Round(s - 1, 12)) : "";
        return new(
            [.. columns.Take(scale), .. SweepColumns.Skip(1), .. columns.Skip(scale + 1)],
            table.Rows.Select(row => (Sequence<string>)[.. row.Take(scale), W(row), .. row.Skip(scale)]).ToSequence());
    }

    /// <summary>Reads the rows of files, one file after the other.</summary>
    /// <exception cref="InputException">A file is missing or was not written by <c>fid --csv</c>.</exception>
    public static MeasuredRows Read(IEnumerable<string> paths) => new(paths.SelectMany(Read).ToSequence());

    /// <summary>Refuses rows that differ in anything but what a person wants to compare across, or what a sweep varies.</summary>
    /// <param name="across">Names of the fields that may differ.</param>
    /// <exception cref="InputException">Two rows differ in another field; all such fields are named.</exception>
    public void RefuseUnlessComparable(Sequence<string> across)
    {
        foreach (var row in Rows.Skip(1))
        {
            var swept = Swept(Rows[0], row);
            var differences = MeasurementProtocol.Differences(Rows[0].Protocol, row.Protocol)
                .Where(difference => !across.Contains(difference.Name) && !swept.Contains(difference.Name))
                .ToArray();
            if (differences.Length > 0)
                throw new InputException($"{Rows[0].Place} and {row.Place}",
                    $"rows that differ in {string.Join(", ", differences.Select(difference => difference.ToString()))}",
                    $"rows of one protocol; --across {string.Join(',', differences.Select(difference => difference.Name))} "
                    + "compares them all the same");
        }
    }

    private static int Whole => SweepColumns.Count;

    // Rows of two kinds of sweep have nothing that both vary.
    private static Sequence<string> Swept(MeasuredRow first, MeasuredRow second) => (KindOf(first), KindOf(second)) switch
    {
        // How strongly a classifier steers, which has no w, is part of its plan.
        ("guidance", "guidance") => first.File != second.File && first.Method == second.Method && second.Variation.Count == Whole
            ? SweptByGuidance : [.. SweptByGuidance, .. SweptBySampler],
        ("samplers", "samplers") => SweptBySampler,
        _ => [],
    };

    private static string? KindOf(MeasuredRow row) => row.Variation.Count == 0 ? null : row.Variation.Count == 1 ? "samplers" : "guidance";

    /// <summary>Whether a table has the columns that <c>fid --csv</c> writes.</summary>
    /// <param name="columns">Its columns.</param>
    public static bool IsWrittenByFid(Sequence<string> columns) => Missing(columns) is null;

    private static string? Missing(Sequence<string> columns) =>
        FieldNames.Except(MeasurementProtocol.OptionalFields).FirstOrDefault(name => !columns.Contains(name));

    private static IEnumerable<MeasuredRow> Read(string path)
    {
        if (!File.Exists(path))
            throw new InputException(path, "no such file or folder", "a file that fid --csv has written");
        var table = Upgraded(ReportTable.Read(path));
        if (Missing(table.Columns) is { } missing)
            throw new InputException(path, $"no column {missing}", "a file that fid --csv has written");
        string Cell(Sequence<string> row, string name) => table.Columns.ToList().IndexOf(name) is var place and >= 0 ? row[place] : "";
        // Beside the samples of a sweep, real images are what they are measured by.
        var samples = table.Rows.Index().Where(row => Cell(row.Item, "method").Length == 0 || Cell(row.Item, "nfe").Length > 0);
        return samples.Select(row => new MeasuredRow(
            string.Create(CultureInfo.InvariantCulture, $"{path}, row {row.Index + 1}"),
            Cell(row.Item, Samples),
            [.. FieldNames.Select(name => new ProtocolField(name, Cell(row.Item, name)))],
            [
                .. table.Columns.Zip(row.Item).Where(cell => !NoMeasure.Contains(cell.First) && cell.Second.Length > 0)
                    .Select(cell => Value(path, cell.First, cell.Second)),
            ])
        {
            File = path,
            Variation = SweepColumns.Select(name => new ProtocolField(name, Cell(row.Item, name)))
                .Where(field => field.Value.Length > 0).ToSequence(),
        });
    }

    private static MetricValue Value(string path, string name, string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? new(name, value)
            : throw new InputException(path, $"'{text}' in column {name}", "a number");
}

/// <summary>One measurement as a file holds it.</summary>
/// <param name="Place">The file and the row, for messages.</param>
/// <param name="Samples">What was measured.</param>
/// <param name="Protocol">What the numbers depend on.</param>
/// <param name="Values">The numbers.</param>
public sealed partial record MeasuredRow(string Place, string Samples, Sequence<ProtocolField> Protocol, Sequence<MetricValue> Values)
{
    /// <summary>The file.</summary>
    public string File { get; init; } = "";

    /// <summary>What distinguishes it in a sweep, by the names of <see cref="MeasuredRows.SweepColumns"/>; empty for other rows.</summary>
    public Sequence<ProtocolField> Variation { get; init; } = [];

    /// <summary>How samples were drawn, among the rows of a sweep; empty for other rows.</summary>
    public string Method => Variation.Where(named => named.Name == MeasuredRows.SweepColumns[0]).Select(named => named.Value)
        .FirstOrDefault("");

    /// <summary>The weight w and the scale s of a row whose protocol says them, though they were not varied; empty for others.</summary>
    public Sequence<ProtocolField> Guidance =>
        Protocol.Where(named => named.Name == "guidance").Select(named => GuidanceWords().Match(named.Value)).FirstOrDefault() is
            { Success: true } match
            ? [new(MeasuredRows.SweepColumns[1], match.Groups[1].Value), new(MeasuredRows.SweepColumns[2], match.Groups[2].Value)]
            : [];

    [GeneratedRegex(@"^w = (\S+) \(s = (\S+)\)$")]
    private static partial Regex GuidanceWords();
}
