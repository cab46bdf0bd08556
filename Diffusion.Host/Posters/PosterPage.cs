using System.Diagnostics;
using System.Globalization;
using System.Xml.Linq;
using Diffusion.Host.Html;
using Diffusion.Math.Values;

namespace Diffusion.Host.Posters;

/// <summary>A poster as one page to print, A1 in landscape, without scripts; its figures lie beside it.</summary>
/// <remarks>Texts keep their size. Figures are as wide as their column, and less where the sheet has no more room.</remarks>
/// <param name="Contents">What it shows.</param>
internal sealed record PosterPage(PosterContents Contents)
{
    private const int Columns = 3;

    /// <summary>The page.</summary>
    public string Text
    {
        get
        {
            var sections = Contents.Plan.Sections.Where(section => section.Items.Count > 0).Index().ToList();
            return Html.Html.Page(PosterContents.Title, PageStyle.Poster,
                Html.Html.Tag("header",
                    Html.Html.Tag("div", Html.Html.Tag("h1", PosterContents.Title), Html.Html.Tag("p.lead", Contents.Lead)),
                    Html.Html.Tag("ul", Contents.Plan.Models.Select(model =>
                        Html.Html.Tag("li", Html.Html.Tag("b", $"{model.Title}: {model.Word}"), $" {model.Training}")))),
                Html.Html.Tag("div.columns", Enumerable.Range(0, Columns).Select(column => Html.Html.Tag("div.column",
                    sections.Where(section => section.Item.Column == column)
                        .Select(section => Section(section.Item, section.Index + 1))))),
                Html.Html.Tag("footer",
                    Contents.Remarks.Select(remark => Html.Html.Tag("p", remark)),
                    Html.Html.Tag("p", "All of this: ", Html.Html.Tag("code", Contents.Command))));
        }
    }

    private XElement Section(PosterSection section, int number) => Html.Html.Tag("section",
        Html.Html.Tag("h2", Html.Html.Tag("span", $"{number}"), section.Title),
        Html.Html.Tag("p.formulas",
            section.Formulas.Select(formula => Html.Html.Tag("span.formula", formula.Html)), Html.Html.Tag("cite", section.Source)),
        Html.Html.Tag("p", new Formula(section.Text).Html),
        RowsOf(section.Items).Select(row => row is [var only]
            ? Shown(only)
            : Html.Html.Tag(row.All(item => item is PosterItem.Table) ? "div.pair tables" : "div.pair", row.Select(Shown))));

    private XElement Shown(PosterItem item) => item switch
    {
        PosterItem.Figure figure => Html.Html.Tag("figure", Image(figure), Html.Html.Tag("figcaption",
            Html.Html.Tag("b", figure.Title), Html.Html.Tag("span.settings", Contents.SettingsOf(figure)),
            Html.Html.Tag("code", figure.CommandLine))),
        PosterItem.Table table => Html.Html.Tag("div.table",
            Html.Html.Table(table.Title, table.Columns, PosterContents.RowsOf(table).Rows), Html.Html.Tag("code", table.CommandLine)),
        _ => throw new UnreachableException(),
    };

    private XElement Image(PosterItem.Figure figure)
    {
        var (width, height) = Contents.SizeOf(figure);
        return Html.Html.Tag("img", Html.Html.With("src", Uri.EscapeDataString(figure.File)), Html.Html.With("alt", figure.Title),
            Html.Html.With("width", width.ToString(CultureInfo.InvariantCulture)),
            Html.Html.With("height", height.ToString(CultureInfo.InvariantCulture)));
    }

    // What takes half the width comes in twos, the rest alone.
    private static IEnumerable<PosterItem[]> RowsOf(Sequence<PosterItem> items) =>
        items.GroupBy(item => item is not PosterItem.Figure { IsHalf: false }).SelectMany(group => group.Chunk(group.Key ? 2 : 1));
}
