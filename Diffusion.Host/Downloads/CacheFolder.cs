namespace Diffusion.Host.Downloads;

/// <summary>Where downloaded files are kept for every later run: <c>diffusion</c> in the user's cache folder.</summary>
/// <remarks>XDG Base Directory Specification: a relative XDG_CACHE_HOME is to be ignored.</remarks>
/// <param name="Root">An absolute path; the folder need not exist.</param>
public sealed record CacheFolder(string Root)
{
    /// <summary>The current user's.</summary>
    public static CacheFolder Default { get; } =
        new(Path.Combine(Chosen() ?? Home(), "diffusion"));

    /// <summary>The folder of one data set.</summary>
    public string this[string name] => Path.Combine(Root, name);

    private static string? Chosen() =>
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { } chosen && Path.IsPathRooted(chosen) ? chosen : null;

    private static string Home() => OperatingSystem.IsWindows()
        ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
}
