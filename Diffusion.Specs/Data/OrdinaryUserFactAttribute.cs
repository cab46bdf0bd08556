namespace Diffusion.Specs.Data;

/// <summary>A fact about Unix file permissions, which do not bind the superuser.</summary>
public sealed class OrdinaryUserFactAttribute : FactAttribute
{
    /// <summary>Skips, with the reason, where there is nothing to be forbidden.</summary>
    public OrdinaryUserFactAttribute()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
            Skip = "File permissions do not bind this user.";
    }
}
