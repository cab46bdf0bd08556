namespace Diffusion.Specs.Studio;

/// <summary>A fact about what a browser shows.</summary>
public sealed class BrowserFactAttribute : FactAttribute
{
    /// <summary>Chromium, where Debian and others have it.</summary>
    public static string? Program { get; } = new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }
        .FirstOrDefault(File.Exists);

    /// <summary>Skips where there is no browser.</summary>
    public BrowserFactAttribute() => Skip = Program is null ? "There is no Chromium: apt-get install chromium." : null;
}
