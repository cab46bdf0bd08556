namespace Diffusion.Math.Training;

/// <summary>
/// Decay of the exponential moving average of the weights: average ← decay·average + (1 − decay)·weights. A closed union.
/// </summary>
/// <remarks>
/// Karras et al. 2024, "Analyzing and improving the training dynamics of diffusion models", Section 3, compare the families.
/// </remarks>
public abstract partial record EmaDecay
{
    private const double BelowOne = 1 - 1.0 / (1L << 53);

    private EmaDecay()
    {
    }

    /// <summary>The decay of update number <paramref name="update"/>, counted from 0; in [0, 1). Decay 0 copies the weights.</summary>
    public abstract double At(long update);
}
