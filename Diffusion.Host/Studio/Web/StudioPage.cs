using Diffusion.Math.Values;
using Microsoft.AspNetCore.Http;

namespace Diffusion.Host.Studio.Web;

/// <summary>A page of the studio: its place in the navigation, what the server writes on it, and its part of the API.</summary>
/// <remarks>
/// A page is this class in a file of <c>Studio/Pages</c> and, where it moves, a module of its name in <c>Assets/studio</c>, which finds the
/// element <c>main</c> and fills it. It is listed in <c>StudioPages</c>, and nowhere else.
/// </remarks>
/// <param name="name">Its path, and the name of its module: lower-case letters.</param>
/// <param name="title">Its name in the navigation and its heading.</param>
/// <param name="summary">What it is for, in a sentence.</param>
internal abstract class StudioPage(string name, string title, string summary)
{
    /// <summary>Its path, and the name of its module.</summary>
    public string Name { get; } = name;

    /// <summary>Its name in the navigation and its heading.</summary>
    public string Title { get; } = title;

    /// <summary>What it is for, in a sentence.</summary>
    public string Summary { get; } = summary;

    /// <summary>Its part of the API.</summary>
    public virtual Sequence<StudioRoute> Routes => [];

    /// <summary>Further pages below it.</summary>
    public virtual Sequence<StudioView> Views => [];

    /// <summary>What the server writes below the heading: elements of <see cref="Html.Html.Tag"/>. The module does the rest.</summary>
    public virtual object Body => "";
}

/// <summary>A page that belongs to another one and is not in the navigation, such as that of one run.</summary>
/// <param name="Path">Below the page's own path, with its parameters in braces.</param>
/// <param name="Write">Writes it for a request.</param>
internal sealed record StudioView(string Path, Func<Layout, HttpRequest, string> Write);

/// <summary>A route of the API.</summary>
/// <param name="Method">GET, POST or DELETE.</param>
/// <param name="Path">Below <c>/api</c>, with its parameters in braces.</param>
/// <param name="Summary">What it answers.</param>
/// <param name="Handler">
/// Answers: a method whose parameters are those of the path and the query, a body, and a token that is cancelled when the client goes away.
/// </param>
internal sealed record StudioRoute(string Method, string Path, string Summary, Delegate Handler);
