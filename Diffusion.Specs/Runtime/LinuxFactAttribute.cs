namespace Diffusion.Specs.Runtime;

/// <summary>A fact about shared libraries as Linux has them.</summary>
public sealed class LinuxFactAttribute : FactAttribute
{
    /// <summary>Skips on other systems.</summary>
    public LinuxFactAttribute() => Skip = OperatingSystem.IsLinux() ? null : "This system has another kind of shared library.";
}
