using Diffusion.Host.Studio.Web;
using static Diffusion.Host.Html.Html;

namespace Diffusion.Host.Studio.Pages;

/// <summary>The first page: what there is.</summary>
internal static class HomePage
{
    /// <summary>The page.</summary>
    public static string Of(Layout layout) => layout.Whole("Home", null,
        Tag("header.page", Tag("h1", "Diffusion studio"),
            Tag("p.lead", "Watch a model learn, draw samples from one, and see every formula at work.")),
        Tag("ul.cards", layout.Pages.Select(page =>
            Tag("li", Tag("h2", Layout.Link($"/{page.Name}", page.Title)), Tag("p", page.Summary)))),
        Tag("p.remark", "What these pages do, a program can do by the JSON API: ",
            Layout.Link("/api/openapi.json", "its description"), "."));
}
