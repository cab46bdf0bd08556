namespace Diffusion.Specs.Host;

/// <summary>A fact about signals, which Windows does not have.</summary>
public sealed class UnixFactAttribute : FactAttribute
{
    /// <summary>Skips on Windows.</summary>
    public UnixFactAttribute() => Skip = OperatingSystem.IsWindows() ? "There are no signals here." : null;
}

/// <summary>Facts about signals, which Windows does not have.</summary>
public sealed class UnixTheoryAttribute : TheoryAttribute
{
    /// <summary>Skips on Windows.</summary>
    public UnixTheoryAttribute() => Skip = OperatingSystem.IsWindows() ? "There are no signals here." : null;
}
