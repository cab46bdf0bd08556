using System.Text;
using Diffusion.Math.Values;

namespace Diffusion.Host.Posters;

/// <summary>A poster as a page in Markdown, with links to its figures.</summary>
/// <param name="Contents">What it shows.</param>
internal sealed record PosterMarkdown(PosterContents Contents)
{
    /// <summary>The page.</summary>
    public string Text
    {
        get
        {
            var text = new StringBuilder();
            text.Append($"# {PosterContents.Title}\n\n{Contents.Lead}\n\n")
                .Append($"As a sheet to print: [poster.html]({Contents.Place.Link("poster.html")}). ")
                .Append($"All of it is made by `{Contents.Command}`.\n\n");
            foreach (var model in Contents.Plan.Models)
                text.Append($"- **{model.Title}**, model `{model.Word}`: {model.Training}\n");
            foreach (var section in Contents.Plan.Sections.Where(section => section.Items.Count > 0))
                Append(text, section);
            text.Append("\n## How the numbers were measured\n\n");
            foreach (var remark in Contents.Remarks)
                text.Append($"- {remark}\n");
            return text.ToString();
        }
    }

    private void Append(StringBuilder text, PosterSection section)
    {
        text.Append($"\n## {section.Title}\n\n");
        foreach (var formula in section.Formulas)
            text.Append($"> {formula.Markdown}\n>\n");
        text.Append($"> {section.Source}\n\n{new Formula(section.Text).Markdown}\n");
        foreach (var item in section.Items)
        {
            text.Append($"\n**{item.Title}**\n\n");
            if (item is PosterItem.Figure figure)
                text.Append($"![{figure.Title}]({Contents.Place.Link(figure.File)})\n\n{Contents.SettingsOf(figure)}  \n");
            else if (item is PosterItem.Table table)
                text.Append($"{PosterContents.RowsOf(table).Markdown()}\n");
            text.Append($"`{item.CommandLine}`\n");
        }
    }
}
