namespace Diffusion.Host.Html;

/// <summary>The style sheet of pages: light and dark, wide and narrow, screen and paper.</summary>
internal static class PageStyle
{
    /// <summary>The style sheet.</summary>
    public static string Text { get; } = Load();

    private static string Load()
    {
        using var content = typeof(PageStyle).Assembly.GetManifestResourceStream("page.css")
            ?? throw new InvalidOperationException("This program was built without its style sheet page.css.");
        return new StreamReader(content).ReadToEnd();
    }
}
