using System.Xml.Linq;
using Diffusion.Math.Values;
using static Diffusion.Host.Html.Html;

namespace Diffusion.Host.Studio.Web;

/// <summary>What all pages of the studio share: head, navigation, and where a page's own part goes.</summary>
/// <param name="Pages">All pages, in the order of the navigation.</param>
internal sealed record Layout(Sequence<StudioPage> Pages)
{
    /// <summary>A page of the navigation, with its module.</summary>
    public string Of(StudioPage page) => Whole(
        page.Title, page,
        Tag("header.page", Tag("h1", page.Title), Tag("p.lead", page.Summary)),
        page.Body,
        Tag("noscript", Tag("p.remark", "This page needs JavaScript. Runs can be read without: ", Link("/runs", "runs"), ".")),
        Module(page.Name));

    /// <summary>Any other page, without a module.</summary>
    /// <param name="title">The window's title.</param>
    /// <param name="current">The page of the navigation that it belongs to; null for none.</param>
    /// <param name="content">What it shows.</param>
    public string Whole(string title, StudioPage? current, params object?[] content)
    {
        var page = Tag("html", With("lang", "en"),
            Tag("head",
                Tag("meta", With("charset", "utf-8")),
                Tag("meta", With("name", "viewport"), With("content", "width=device-width, initial-scale=1")),
                Tag("meta", With("name", "color-scheme"), With("content", "light dark")),
                Tag("title", $"{title} · diffusion studio"),
                Tag("link", With("rel", "icon"), With("href", $"{StudioAssets.Folder}/icon.svg")),
                Sheet("page.css"), Sheet("studio.css")),
            Tag("body",
                Tag("a.skip", With("href", "#content"), "Skip to content"),
                Tag("header.site", Tag("a.brand", With("href", "/"), "diffusion studio"),
                    Tag("nav", With("aria-label", "Pages"), Tag("ul", Pages.Select(one => Tag("li", Entry(one, current)))))),
                Tag("main", With("id", "content"), With("tabindex", "-1"), content)));
        return $"<!DOCTYPE html>\n{page.ToString(SaveOptions.DisableFormatting)}\n";
    }

    /// <summary>What loads a module.</summary>
    /// <param name="name">Its name in <c>Assets/studio</c>, without the ending.</param>
    public static XElement Module(string name) =>
        Tag("script", With("type", "module"), With("src", $"{StudioAssets.Folder}/{name}.js"));

    /// <summary>A link.</summary>
    public static XElement Link(string to, string text) => Tag("a", With("href", to), text);

    private static XElement Entry(StudioPage page, StudioPage? current) =>
        Tag("a", With("href", $"/{page.Name}"), page == current ? With("aria-current", "page") : null, page.Title);

    private static XElement Sheet(string name) =>
        Tag("link", With("rel", "stylesheet"), With("href", $"{StudioAssets.Folder}/{name}"));
}
