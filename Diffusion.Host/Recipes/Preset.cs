namespace Diffusion.Host.Recipes;

/// <summary>The size of a job.</summary>
public enum Preset
{
    /// <summary>Minutes on a CPU.</summary>
    Quick,

    /// <summary>The settings that were published.</summary>
    Paper,
}
