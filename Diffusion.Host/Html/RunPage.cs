using System.Globalization;
using System.Xml.Linq;
using Diffusion.Host.Sweeps;
using Diffusion.Math.Values;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Html;

/// <summary>A run as one page that needs nothing else: no network, no script. It follows from the run's folder alone.</summary>
/// <param name="Run">The run.</param>
/// <param name="Place">The folder that the page will lie in.</param>
public sealed record RunPage(RunContents Run, string Place)
{
    private const int MostEarlierSheets = 4;
    private const int MostRows = 200;

    /// <summary>The page.</summary>
    public string Text => Html.Page($"{Run.Recipe.Name}: {Run.Curves.Folder}", PageStyle.Text, [.. Parts(new(Place))]);

    /// <summary>What the page shows, part by part, for a page around it.</summary>
    /// <param name="images">How images come into it.</param>
    internal IEnumerable<XElement> Parts(InlineImages images)
    {
        XElement?[] parts =
        [
            Html.Tag("header", Html.Tag("p.kind", "Diffusion run"), Html.Tag("h1", Run.Recipe.Name), Html.Tag("p.lead", Lead), Figures),
            Samples(images),
            Html.Tag("section", Html.Tag("h2", "Curves"), CurveFigures.Of([Run.Curves])),
            .. Run.Exhibits.Select(exhibit => Shown(exhibit, images)),
            Html.Tag("section", Html.Tag("h2", "Evaluations"), EvaluationTable),
            Html.Tag("section", Html.Tag("h2", "Reproduction"), ReproductionCommands.Of(Run)),
            Html.Tag("section", Html.Tag("h2", "Evaluation protocol"), ProvenanceRows),
            Html.Tag("section", Html.Tag("h2", "Recipe"), Settings),
            Log,
        ];
        return parts.OfType<XElement>();
    }

    private string Lead => string.Create(CultureInfo.InvariantCulture,
        $"{Run.Curves.Folder}: {Run.Last("step")} of {Counted.Of(Run.Recipe.Length.Steps, "update")} of " +
            $"{Counted.Of(Run.Recipe.Length.Batch, "image")} from {Run.Recipe.Data.Set}, seed {Run.Recipe.Seed}.");

    private XElement Figures => Html.Tag("dl.figures",
        Figure("epochs", Run.Last("epoch"), ""),
        Figure("images seen", Grouped(Run.Last("images")), ""),
        Figure("time", double.TryParse(Run.Last("seconds"), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            ? Duration.Text(TimeSpan.FromSeconds(seconds)) : "", ""),
        Figure("loss", Html.Short(Run.Last("loss")), "since the evaluation before"),
        Run.Curves.Overall.Select(name => Figure(name, Html.Short(Run.Last(name)), Measured)));

    private string Measured =>
        Run.Last("sampler") is { Length: > 0 } sampler ? $"{Run.Last("samples")} samples, {sampler}" : $"{Run.Last("samples")} images";

    private static XElement? Figure(string name, string value, string remark) =>
        value.Length == 0
            ? null : Html.Tag("div", Html.Tag("dt", name), Html.Tag("dd", value), remark.Length > 0 ? Html.Tag("dd.remark", remark) : null);

    private static string Grouped(string number) =>
        long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var whole)
            ? whole.ToString("N0", CultureInfo.InvariantCulture) : number;

    private XElement? Samples(InlineImages embedding)
    {
        if (Run.Sheets.Count == 0)
            return null;
        var last = Run.Sheets[^1];
        var earlier = Spread(Run.Sheets.SkipLast(1).ToSequence(), MostEarlierSheets);
        return Html.Tag("section", Html.Tag("h2", "Samples"),
            Html.Tag("div.sheet", embedding.Figure(last.Path, $"Samples after {last.When}", $"After {last.When}.")),
            earlier.Count > 0 ? Html.Tag("h3", "Earlier samples") : null,
            earlier.Count > 0
                ? Html.Tag("p", "Sample k starts from the same noise at every evaluation, so the grids can be compared image by image.")
                : null,
            Html.Tag("div.sheets earlier",
                earlier.Select(sheet => embedding.Figure(sheet.Path, $"Samples after {sheet.When}", $"After {sheet.When}"))));
    }

    private static Sequence<Sheet> Spread(Sequence<Sheet> sheets, int most) => sheets.Count <= most
        ? sheets
        : Sequence.Generate(most, index => sheets[index * (sheets.Count - 1) / (most - 1)]);

    private static XElement Shown(Exhibit exhibit, InlineImages embedding) => Html.Tag("section", Html.Tag("h2", exhibit.Title),
        exhibit.Image is { } image ? Html.Tag("div.exhibit",
            embedding.Figure(image, $"{exhibit.Title}{(exhibit.Table is null ? "" : "; the table below has its numbers")}")) : null,
        exhibit.Table is { } table ? Tabulated(exhibit.Title, table, embedding) : null);

    private static IEnumerable<object> Tabulated(string title, string path, InlineImages embedding)
    {
        var table = ReportTable.Read(path);
        var columns = Columns(table);
        if (columns.Count == 0)
            yield break;
        yield return Html.Table(
            title, columns, table.Under(columns).Rows.Take(MostRows).Select(row => row.Select(Html.Short).ToSequence()).ToSequence());
        if (Shared(table) is { Length: > 0 } shared)
            yield return Html.Tag("p.remark", $"In all rows: {shared}.");
        yield return table.Rows.Count > MostRows
            ? Html.Tag("p.remark", $"The first {Counted.Of(MostRows, "row")} of ", embedding.Link(path), $", which has {table.Rows.Count}.")
            : Html.Tag("p.remark", "Full precision: ", embedding.Link(path), ".");
    }

    // Long texts stand once, elsewhere; numbers of single classes are left to the file.
    private static Sequence<string> Columns(ReportTable table) => table.Columns.Where(column =>
        column is not ("provenance" or "nearest_references")
            && !IsShared(table, column) && !IsHash(column) && !(column == "samples" && table.Columns.Contains("plan_sha256"))
        && !(column.Length > 0 && char.IsAsciiDigit(column[^1]) && table.Columns.Contains(column[..Max(0, column.LastIndexOf('_'))])))
            .ToSequence();

    private static string Shared(ReportTable table) =>
        string.Join(", ", table.Columns.Where(column => IsShared(table, column) && !IsHash(column))
            .Select(column => $"{column} {table.Under([column]).Rows.Select(row => row[0]).FirstOrDefault(cell => cell.Length > 0)}")
            .Where(text => !text.EndsWith(' ')));

    // What measurements depend on, where it is one value throughout; real images have none of it.
    private static bool IsShared(ReportTable table, string column) =>
        table.Rows.Count > 1 && table.Columns.Contains("plan_sha256") && SweptRow.KeyColumns.Contains(column)
            && table.Under([column]).Rows.Select(row => row[0]).Where(cell => cell.Length > 0).Distinct().Count() < 2;

    private static bool IsHash(string column) => column.EndsWith("_sha256", StringComparison.Ordinal);

    private XElement EvaluationTable
    {
        get
        {
            var columns = Columns(Run.Curves.Table);
            return Html.Table("Results of each evaluation", columns.Select(Heading).ToSequence(),
                Run.Curves.Table.Under(columns).Rows.Select(row => row.Select(Html.Short).ToSequence()).ToSequence());
        }
    }

    private string Heading(string column) => Run.Curves.Distances.Contains(column) ? column : column.Replace('_', ' ');

    private IEnumerable<object> ProvenanceRows
    {
        get
        {
            var distinct = Run.Curves.Table.Under(["provenance"]).Rows.Select(row => row[0])
                .Where(text => text.Length > 0).Distinct().ToList();
            yield return Html.Tag("p", distinct.Count > 1
                ? "Not all evaluations were measured alike; numbers that differ in any of this are not comparable."
                : "Numbers that differ in any of this, or in the number of samples or the sampler, are not comparable.");
            foreach (var text in distinct)
                yield return Html.Tag("ul.provenance", text.Split("; ").Select(part => Html.Tag("li", part)));
        }
    }

    private IEnumerable<object> Settings
    {
        get
        {
            yield return Html.Tag("p", "Every setting, named as ", Html.Tag("code", "--set"),
                " names it; of the network only what differs from Ho et al. 2020.");
            yield return Html.Tag(
                "div.settings", SettingRows.Chosen(Run.Recipe).GroupBy(setting => setting.Path.Split('.')[0]).Select(group => Html.Tag("dl",
                    group.Select(setting => Html.Tag("div", Html.Tag("dt", setting.Path), Html.Tag("dd", setting.Value))))));
        }
    }

    private XElement? Log => Run.Log.Count == 0 ? null : Html.Tag("section", Html.Tag("h2", "Log"),
        Html.Tag(
            "details", Html.Tag("summary", "Log, without progress lines"), Html.Tag("pre", string.Join('\n', Run.Log.TakeLast(MostRows)))));
}
