namespace Diffusion.Math.Noise;

/// <summary>Noise levels by time: what a spacing has to know of a noise schedule.</summary>
public interface INoiseLevels
{
    /// <summary>The least noisy time.</summary>
    double FirstTime { get; }

    /// <summary>The noisiest time.</summary>
    double LastTime { get; }

    /// <summary>The marginal at <paramref name="time"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is outside the schedule.</exception>
    Marginal At(double time);

    /// <summary>What the network is given at a time, and the marginal there.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is outside the schedule.</exception>
    NoiseLevel LevelAt(double time);

    /// <summary>The level whose Sigma/Alpha is exactly <paramref name="noiseToSignal"/>.</summary>
    /// <param name="noiseToSignal">Finite and above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The noise is not finite and above 0.</exception>
    NoiseLevel LevelOf(double noiseToSignal);
}

/// <summary>Noise levels at the whole times 0, 1, …, Steps − 1.</summary>
public interface IDiscreteNoiseLevels : INoiseLevels
{
    /// <summary>T, the number of levels; at least 1.</summary>
    int Steps { get; }
}
