using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;

namespace Diffusion.Model.Evaluation;

/// <summary>What somebody says made the features of statistics that do not say. A closed union.</summary>
/// <remarks>
/// A file of mu and sigma alone fits every network of as many features and every way of resizing: taken for one's own, it gives a number
/// that looks right and is not. Whoever assumes something answers for it, and it stays with the number.
/// </remarks>
public abstract record Assumption
{
    private Assumption()
    {
    }

    /// <summary>Its name on the command line and in reports.</summary>
    public abstract string Name { get; }

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<Assumption> All { get; } =
        [.. InceptionProtocol.All.Select(protocol => new Protocol(protocol)), new Same()];

    /// <summary>What the features are taken for.</summary>
    /// <param name="other">What made those of the other side; null where that does not say either.</param>
    public abstract ExtractorIdentity Of(ExtractorIdentity? other);

    /// <summary>Refuses statistics that it cannot be true of.</summary>
    /// <param name="place">The statistics.</param>
    /// <exception cref="InputException">They have another number of features.</exception>
    public virtual void RefuseUnfit(EvaluationInput.Statistics place)
    {
    }

    /// <summary>Inception with the weights of the other side, and images prepared as a tool does.</summary>
    /// <param name="Prepared">How.</param>
    public sealed record Protocol(InceptionProtocol Prepared) : Assumption
    {
        /// <inheritdoc/>
        public override string Name => Prepared.Name;

        /// <inheritdoc/>
        public override ExtractorIdentity Of(ExtractorIdentity? other) => other is { } known && known.Name == InceptionV3.Shape.Name
            ? known with { Preparation = Prepared.Name }
            : new(InceptionV3.Shape.Name, "", Prepared.Name, FeatureArithmetic.Float32);

        /// <inheritdoc/>
        public override void RefuseUnfit(EvaluationInput.Statistics place)
        {
            var (found, expected) = (place.Features.Fit.Dimension, InceptionV3.Shape.Dimensions[^1]);
            if (found != expected)
                throw new InputException(place.Name, FormattableString.Invariant($"statistics of {found} features"),
                    FormattableString.Invariant($"{expected} features, as --assume {Name} has them"));
        }
    }

    /// <summary>The same as made those of the other side, whatever that is.</summary>
    public sealed record Same : Assumption
    {
        /// <inheritdoc/>
        public override string Name => "same";

        /// <inheritdoc/>
        public override ExtractorIdentity Of(ExtractorIdentity? other) => other ?? ExtractorIdentity.Unknown;
    }

    /// <summary>The statistics, with what they are taken for.</summary>
    /// <param name="place">The statistics.</param>
    /// <param name="assumption">What is assumed; null where nothing is.</param>
    /// <param name="other">What made the features of the other side.</param>
    /// <exception cref="InputException">They do not say what made them, and nothing is assumed.</exception>
    public static FeatureSet Named(EvaluationInput.Statistics place, Assumption? assumption, ExtractorIdentity? other)
    {
        if (place.Features.Extractor is not null)
            return place.Features;
        return assumption is null
            ? throw Refusal(place)
            : place.Features with { Extractor = assumption.Of(other), Assumed = assumption.Name };
    }

    /// <summary>Why statistics compare with nothing.</summary>
    public static InputException Refusal(EvaluationInput place) => new(place.Name,
        "statistics without provenance: network and resizing unknown",
        $"statistics with provenance, or --assume {string.Join('|', All.Select(item => item.Name))} "
        + "where you know it (same: as the other side)");
}
