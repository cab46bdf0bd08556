namespace Diffusion.Math.Samplers;

/// <summary>Whether the step to clean data adds noise.</summary>
public enum FinalNoise
{
    /// <summary>Never. Ho et al. 2020, Algorithm 2.</summary>
    None,

    /// <summary>
    /// Where it does not start at the schedule's first level, as it does on grids that leave that level out: what diffusers does. The small
    /// variance is 0 there, the large one is not.
    /// </summary>
    AboveFirstLevel,
}
