namespace Diffusion.Model.Training;

/// <summary>The loss of a network on a few images that are held out from training, by which weights that have diverged are known.</summary>
/// <param name="Value">
/// The larger one of the weights and of their first average; null where it, or any of the weights, is not finite.
/// </param>
/// <param name="Clipping">What a sane network stays below: <see cref="Worst"/> times the loss of one that puts out zeros.</param>
public sealed record HeldOutLoss(double? Value, double Clipping)
{
    /// <summary>How many times worse than a network of zeros a network may be before it is taken for broken.</summary>
    public const double Worst = 10;

    /// <summary>Whether the weights are finite and no worse than that.</summary>
    public bool IsSane => Value <= Clipping;

    /// <summary>Why the weights are not sane, in a few words.</summary>
    public string Text => Value is { } value
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"its held-out loss is {value:0.##E+0}, where a network of zeros has {Clipping / Worst:0.##}")
        : "its weights or their held-out loss are not finite";
}
