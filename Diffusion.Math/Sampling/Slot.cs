namespace Diffusion.Math.Sampling;

/// <summary>A named place that a plan's instructions read and write.</summary>
/// <param name="Name">What a person reads in the plan's text.</param>
public readonly record struct Slot(string Name)
{
    /// <summary>The noisy state x_t: where a plan begins and ends.</summary>
    public static Slot State { get; } = new("state");

    /// <summary>The estimate x̂_0 of the clean data.</summary>
    public static Slot Denoised { get; } = new("denoised");

    /// <summary>x̂_0 after a limit was applied.</summary>
    public static Slot Limited { get; } = new("limited");

    /// <summary>Fresh noise z.</summary>
    public static Slot Noise { get; } = new("noise");

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>One summand of a linear combination.</summary>
/// <param name="Weight">Its scalar weight.</param>
/// <param name="Slot">What is weighted.</param>
public readonly record struct Term(double Weight, Slot Slot);
