using System.Reflection;

namespace Diffusion.Specs;

/// <summary>Where the specs find the files they read: the checkout they were built from.</summary>
public static class Repository
{
    /// <summary>The folder that holds Diffusion.sln.</summary>
    public static string Root { get; } = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!.TrimEnd(Path.DirectorySeparatorChar);

    /// <summary>Snapshots read in review like code.</summary>
    public static string Golden { get; } = Path.Combine(Root, "golden");

    /// <summary>Peers' numbers: the folder named by DIFFUSION_REFERENCE, else the project's own copy.</summary>
    public static string Reference { get; } = Environment.GetEnvironmentVariable("DIFFUSION_REFERENCE") is { Length: > 0 } chosen
        ? chosen
        : Path.Combine(Golden, "reference");

    /// <summary>A file or folder of the peers' numbers; the project's own copy where the chosen folder has none of that name.</summary>
    public static string ReferencePath(params ReadOnlySpan<string> parts)
    {
        var chosen = Path.Combine([Reference, .. parts]);
        return Path.Exists(chosen) ? chosen : Path.Combine([Golden, "reference", .. parts]);
    }

    /// <summary>A file or folder of the project's own copy, for specs that say its numbers themselves.</summary>
    public static string OwnReference(params ReadOnlySpan<string> parts) => Path.Combine([Golden, "reference", .. parts]);

    /// <summary>
    /// The folder of the peers' numbers, if it has all of these files, which belong together; else the project's own copy.
    /// </summary>
    public static string ReferenceWith(params ReadOnlySpan<string> files) => ReferenceWith(Reference, files);

    /// <summary>The same for any folder.</summary>
    public static string ReferenceWith(string folder, ReadOnlySpan<string> files)
    {
        foreach (var file in files)
            if (!File.Exists(Path.Combine(folder, file)))
                return OwnReference();
        return folder;
    }

    /// <summary>The files of the peers' numbers that match a pattern, as paths inside the folder, in order; the project's own where the
    /// chosen folder has none.</summary>
    public static IReadOnlyList<string> ReferenceFiles(string pattern)
    {
        return In(Reference) is { Count: > 0 } chosen ? chosen : In(Path.Combine(Golden, "reference"));

        List<string> In(string folder) =>
            [.. Directory.GetFiles(folder, pattern, SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal)];
    }
}
