namespace Diffusion.Math.Samplers;

/// <summary>How a DPM-Solver uses the differences of the quantity that it remembers.</summary>
public enum SolverType
{
    /// <summary>½·φ₁(k)·D1: the value half way. What the papers use. Steps of order 3 are those of <see cref="Heun"/>.</summary>
    Midpoint,

    /// <summary>φ₂(k)·D1: the exact integral of a straight line, and in steps of order 3 φ₂(k)·D1 + φ₃(k)·D2 as published.</summary>
    /// <remarks>
    /// Multistep, the published weight of D2 is half that of a parabola's curvature: such a method converges with order 2, which measuring
    /// shows. Single-step, where D2 is defined twice as large, it is exact.
    /// </remarks>
    Heun,

    /// <summary>
    /// The exact integral of the line or parabola through what is remembered: order 3 where the published rule misses it.
    /// </summary>
    Interpolating,
}
