using System.Xml.Linq;
using Diffusion.Host.Charts;
using Diffusion.Math.Values;

namespace Diffusion.Host.Html;

/// <summary>Several runs side by side in one page: what differs in their recipes, and what came of it.</summary>
/// <param name="Runs">The runs; at least two.</param>
/// <param name="Place">The folder that the page will lie in.</param>
public sealed record ComparisonPage(Sequence<RunContents> Runs, string Place)
{
    /// <summary>The page.</summary>
    public string Text => Html.Page($"{Runs.Count} runs", PageStyle.Text, [.. Parts(new(Place))]);

    /// <summary>What the page shows, part by part, for a page around it.</summary>
    /// <param name="images">How images come into it.</param>
    internal IEnumerable<XElement> Parts(InlineImages images) =>
    [
        Html.Tag("header", Html.Tag("p.kind", "Diffusion runs compared"), Html.Tag("h1", string.Join(", ", Names))),
        Html.Tag("section", Html.Tag("h2", "What differs"), Differences),
        Html.Tag("section", Html.Tag("h2", "Runs"), Ends),
        Html.Tag("section", Html.Tag("h2", "Curves"), CurveFigures.Of(Runs.Select(run => run.Curves).ToSequence())),
        Html.Tag("section", Html.Tag("h2", "Samples"),
            Html.Tag("div.sheets", Runs.Zip(Names, (run, name) => Latest(run, name, images)))),
    ];

    private Sequence<string> Names => CurveSheet.NamesOf(Runs.Select(run => run.Curves).ToSequence());

    private XElement Differences => SettingRows.Differences(Runs.Select(run => run.Recipe).ToSequence()) is { Count: > 0 } rows
        ? Html.Table("Settings in which the recipes differ", ["setting", .. Names], rows)
        : Html.Tag("p", "The recipes are the same.");

    private IEnumerable<object> Ends
    {
        get
        {
            Sequence<string> columns = ["epoch", "step", "images", "seconds", "loss", "samples", "sampler", "nfe",
                .. Runs.SelectMany(run => run.Curves.Distances).Distinct()];
            yield return Html.Table("The last evaluation of each run", ["", .. Names],
                columns.Select(column => Runs.Select(run => Html.Short(run.Last(column))).Prepend(column).ToSequence()).ToSequence());
            if (Runs.Select(run => run.Curves.Usual).Distinct().Count() > 1)
                yield return Html.Tag("p.remark", "The runs were not measured alike (samples, sampler, network calls, or " +
                    "what the provenance column says): their FIDs are not comparable.");
        }
    }

    private static XElement? Latest(RunContents run, string name, InlineImages embedding) => run.Sheets.Count == 0
        ? null
        : embedding.Figure(
            run.Sheets[^1].Path, $"Samples of {name} after {run.Sheets[^1].When}", Html.Tag("b", name), $" after {run.Sheets[^1].When}");
}
