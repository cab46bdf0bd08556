namespace Diffusion.Math.Sampling;

/// <summary>How a DPM-Solver uses the first difference D1. Both are of the same order.</summary>
public enum SolverRule
{
    /// <summary>½·φ₁(k)·D1: the value half way. What the papers use.</summary>
    Midpoint,

    /// <summary>φ₂(k)·D1: the exact integral of a straight line.</summary>
    Heun,
}
