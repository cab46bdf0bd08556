namespace Diffusion.Host.Html;

/// <summary>The style sheets of pages.</summary>
internal static class PageStyle
{
    /// <summary>Of reports: light and dark, wide and narrow, screen and paper.</summary>
    public static string Text { get; } = Load("page.css");

    /// <summary>Of a poster: a sheet of A1, or a narrow screen.</summary>
    public static string Poster { get; } = Load("poster.css");

    private static string Load(string name)
    {
        using var content = typeof(PageStyle).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"This program was built without its style sheet {name}.");
        return new StreamReader(content).ReadToEnd();
    }
}
