namespace Diffusion.Math.Plans;

/// <summary>A named place that a plan's instructions read and write.</summary>
/// <param name="Name">What a person reads in the plan's text.</param>
public readonly record struct Slot(string Name)
{
    private static readonly Slot[] Memory = [.. Enumerable.Range(0, 8).Select(index => new Slot($"memory{index}"))];

    /// <summary>The noisy state x_t: where a plan begins and ends.</summary>
    public static Slot State { get; } = new("state");

    /// <summary>The estimate x̂_0 of the clean data.</summary>
    public static Slot Denoised { get; } = new("denoised");

    /// <summary>x̂_0 after a limit was applied.</summary>
    public static Slot Limited { get; } = new("limited");

    /// <summary>Fresh noise z.</summary>
    public static Slot Noise { get; } = new("noise");

    /// <summary>The network's choice of variance.</summary>
    public static Slot Fraction { get; } = new("fraction");

    /// <summary>The gradient of a classifier.</summary>
    public static Slot Gradient { get; } = new("gradient");

    /// <summary>The state that a method of several evaluations sets out from.</summary>
    public static Slot Start { get; } = new("start");

    /// <summary>A first guess of the next state.</summary>
    public static Slot Predicted { get; } = new("predicted");

    /// <summary>The slope dx/dt at the start of a step.</summary>
    public static Slot Slope { get; } = new("slope");

    /// <summary>The image that is edited, clean.</summary>
    public static Slot Original { get; } = new("original");

    /// <summary>The image that is edited, as noisy as the state.</summary>
    public static Slot Known { get; } = new("known");

    /// <summary>One of the estimates that a multistep method remembers, in turn; old ones are overwritten.</summary>
    /// <param name="turn">Any number at least 0.</param>
    /// <param name="places">How many estimates are remembered, 1 to 8.</param>
    public static Slot Remembered(int turn, int places) => Memory[turn % places];

    /// <inheritdoc/>
    public override string ToString() => Name;
}
