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
}
