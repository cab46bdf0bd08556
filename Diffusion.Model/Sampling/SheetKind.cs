namespace Diffusion.Model.Sampling;

/// <summary>What a sheet of samples shows.</summary>
public enum SheetKind
{
    /// <summary>The samples.</summary>
    Grid,

    /// <summary>How a few samples come into being, a row of states and a row of predictions for each.</summary>
    Strip,

    /// <summary>How samples come into being, as an animation.</summary>
    Animation,
}
