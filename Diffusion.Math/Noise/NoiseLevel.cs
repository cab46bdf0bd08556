namespace Diffusion.Math.Noise;

/// <summary>A point of a noise schedule: when the network is asked, and how noisy the state it sees is.</summary>
/// <param name="Time">The time fed to the network, in the units of the schedule (0 … T − 1 for discrete schedules; may be
/// fractional).</param>
/// <param name="Marginal">The distribution of the state at that time, given clean data.</param>
public readonly record struct NoiseLevel(double Time, Marginal Marginal)
{
    /// <summary>The end of sampling: no noise. No network is ever asked here.</summary>
    public static NoiseLevel Clean { get; } = new(-1, Marginal.Clean);
}
