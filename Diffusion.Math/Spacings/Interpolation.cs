namespace Diffusion.Math.Spacings;

/// <summary>What is interpolated linearly between the levels of a discrete schedule.</summary>
public enum Interpolation
{
    /// <summary>The logarithm of Sigma/Alpha, and with it the log-SNR.</summary>
    LogSnr,

    /// <summary>Sigma/Alpha itself, as diffusers' Euler, Heun and LMS schedulers do.</summary>
    Sigma,
}
