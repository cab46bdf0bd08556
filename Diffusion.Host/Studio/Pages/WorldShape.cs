using Diffusion.Host.Studio.Web;
using Diffusion.Math.Predictions;
using Diffusion.Math.Values;
using Diffusion.Math.Worlds;

namespace Diffusion.Host.Studio.Pages;

/// <summary>A round Gaussian of the plane.</summary>
public sealed record WorldComponent
{
    /// <summary>The centre, from −3 to 3.</summary>
    public double X { get; init; }

    /// <summary>The centre, from −3 to 3.</summary>
    public double Y { get; init; }

    /// <summary>The standard deviation in every direction, from 0.02 to 2.</summary>
    public double Sigma { get; init; } = 0.3;

    /// <summary>The weight, from 0.001 to 1000; only ratios matter.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>The label, from 0 to 11. Several components may share one.</summary>
    public int Label { get; init; }
}

/// <summary>A density in the plane, and what guidance makes of it.</summary>
public sealed record WorldShape
{
    /// <summary>How many components there may be.</summary>
    public const int MostComponents = 12;

    /// <summary>Half the side of the square in which centres lie.</summary>
    public const double Reach = 3;

    private const double Narrowest = 0.02;
    private const double Widest = 2;
    private const double LargestWeight = 1000;
    private const double Strongest = 20;

    /// <summary>Its components, from 1 to 12.</summary>
    public IReadOnlyList<WorldComponent> Components { get; init; } = [];

    /// <summary>The label that is wanted; null for the whole density.</summary>
    public int? Label { get; init; }

    /// <summary>w of classifier-free guidance, from −1 to 20: 0 is the density of the label, −1 the whole one.</summary>
    public double Guidance { get; init; }

    /// <summary>The density with its labels.</summary>
    /// <exception cref="RefusedException">A number is out of range.</exception>
    internal MixtureWorld Mixture()
    {
        RefusedException.Unless(
            Components.Count is >= 1 and <= MostComponents && Components.All(component => component is not null),
            $"components: from 1 to {MostComponents}");
        foreach (var component in Components)
        {
            RefusedException.Unless(
                Abs(component.X) <= Reach && Abs(component.Y) <= Reach, FormattableString.Invariant($"x, y: from -{Reach} to {Reach}"));
            RefusedException.Unless(
                component.Sigma is >= Narrowest and <= Widest, FormattableString.Invariant($"sigma: from {Narrowest} to {Widest}"));
            RefusedException.Unless(
                component.Weight is >= 1 / LargestWeight and <= LargestWeight,
                FormattableString.Invariant($"weight: from {1 / LargestWeight} to {LargestWeight}"));
            RefusedException.Unless(component.Label is >= 0 and < MostComponents, $"label: from 0 to {MostComponents - 1}");
        }
        return new(Components.Select(one => new Blob(one.Weight, [one.X, one.Y], one.Sigma)).ToSequence())
        {
            Labels = Components.Select(one => one.Label).ToSequence(),
        };
    }

    /// <summary>The exact denoiser, with its density and score, guided where a label is wanted.</summary>
    /// <exception cref="RefusedException">A number is out of range, or no component has the label.</exception>
    internal GuidedWorld Guided()
    {
        var mixture = Mixture();
        RefusedException.Unless(
            Guidance is >= -1 and <= Strongest, FormattableString.Invariant($"guidance: w from -1 to {Strongest}"));
        RefusedException.Unless(Label is null || mixture.Labels.Contains(Label.Value), "label: one that a component has");
        return new(mixture, Label ?? mixture.Labels[0], new Guidance.ClassifierFree(Label is null ? -1 : Guidance));
    }

    /// <summary>Densities to begin with, by their names.</summary>
    internal static IReadOnlyDictionary<string, IReadOnlyList<WorldComponent>> Presets { get; } =
        new Dictionary<string, IReadOnlyList<WorldComponent>>
        {
            ["three clusters"] =
            [
                new() { X = -1.2, Y = -0.7, Sigma = 0.35 },
                new() { X = 1.3, Y = -0.5, Sigma = 0.25, Label = 1 },
                new() { X = 0.1, Y = 1.3, Sigma = 0.45, Weight = 1.5, Label = 2 },
            ],
            ["two classes that overlap"] =
            [
                new() { X = -0.5, Y = 0.2, Sigma = 0.55 },
                new() { X = 0.5, Y = -0.2, Sigma = 0.55, Label = 1 },
            ],
            ["ring"] = [.. Enumerable.Range(0, 8).Select(place => new WorldComponent
            {
                X = Round(1.6 * Cos(Tau * place / 8), 3), Y = Round(1.6 * Sin(Tau * place / 8), 3), Sigma = 0.16, Label = place % 2,
            })],
            ["grid"] = [.. Enumerable.Range(0, 9).Select(place => new WorldComponent
            {
                X = 1.4 * (place % 3 - 1), Y = 1.4 * (place / 3 - 1), Sigma = 0.14, Label = place / 3,
            })],
            ["narrow beside wide"] =
            [
                new() { X = -1.1, Y = 0, Sigma = 0.06, Weight = 1 },
                new() { X = 1, Y = 0, Sigma = 0.8, Weight = 1, Label = 1 },
            ],
            ["one Gaussian"] = [new() { X = 0.6, Y = 0.3, Sigma = 0.5 }],
        };
}
