using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Diffusion.Math.Evaluation;
using Diffusion.Model.FeatureNetworks;

namespace Diffusion.Model.Evaluation;

/// <summary>
/// One side of a comparison: what a feature network has left of images, or statistics that somebody stored. It owns what was accumulated.
/// </summary>
/// <param name="Fit">Mean and covariance of the features.</param>
/// <param name="Sha256">What identifies the images, or the file of their statistics.</param>
public sealed record FeatureSet(NormalFit Fit, string Sha256) : IDisposable
{
    private ImmutableDictionary<Accumulation, object> _accumulated = ImmutableDictionary<Accumulation, object>.Empty;

    /// <summary>What made the features; null for statistics that do not say.</summary>
    public ExtractorIdentity? Extractor { get; init; }

    /// <summary>
    /// What somebody assumed to have made the features of statistics that do not say; null where nothing had to be assumed.
    /// </summary>
    public string? Assumed { get; init; }

    /// <summary>How the images were drawn; null for images from elsewhere.</summary>
    public DrawnSamples? Drawn { get; init; }

    /// <summary>Which reference this is when another set is measured against it.</summary>
    public ReferenceIdentity Identity => new(Sha256, Fit.Count);

    /// <summary>How many images are at least as many as features; unknown numbers are trusted.</summary>
    public bool IsSmall => Fit.Count < Fit.Dimension;

    /// <summary>What the pass gathered.</summary>
    /// <exception cref="ArgumentException">It did not gather that, or only statistics are known.</exception>
    public T Of<T>(Accumulation<T> what)
        where T : class =>
        _accumulated.TryGetValue(what, out var found)
            ? (T)found
            : throw new ArgumentException(
                $"Statistics alone hold no {what.Subject}; this metric needs the images themselves on both sides.");

    /// <summary>What a pass has left of images.</summary>
    /// <exception cref="ArgumentException">One image has no covariance.</exception>
    internal static FeatureSet Of(
        ExtractorIdentity extractor, FeatureStatistics statistics, ImmutableDictionary<Accumulation, object> accumulated, string sha256) =>
        statistics.Count > 1
            ? new(statistics.Fit(), sha256) { Extractor = extractor, _accumulated = accumulated }
            : throw new ArgumentException(
                $"{(statistics.Count == 1 ? "One image has" : "No images have")} no distance; at least 2 are needed.", nameof(statistics));

    /// <summary>The images of all parts together; their hash is then one over the hashes of the parts, in order.</summary>
    /// <param name="parts">At least one; of what they accumulated nothing survives.</param>
    /// <exception cref="ArgumentException">
    /// Different networks made the features, or a part does not say how many images it is of.
    /// </exception>
    public static FeatureSet Join(IReadOnlyList<FeatureSet> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Count == 1)
            return parts[0] with { _accumulated = ImmutableDictionary<Accumulation, object>.Empty };
        if (parts.FirstOrDefault(part => part.Extractor != parts[0].Extractor) is { } other)
            throw new ArgumentException(
                $"Features of ({parts[0].Extractor ?? ExtractorIdentity.Unknown}) and of ({other.Extractor ?? ExtractorIdentity.Unknown}) "
                + "cannot be joined.", nameof(parts));
        if (parts.Any(part => part.Fit.Count is null))
            throw new ArgumentException("A file does not say how many images its statistics are of.", nameof(parts));
        var joined = parts.Select(part => part.Fit.ToStatistics()).Aggregate((first, second) => first.Merge(second));
        var hashes = Encoding.UTF8.GetBytes(string.Join('\n', parts.Select(part => part.Sha256)));
        return new(joined.Fit(), Convert.ToHexStringLower(SHA256.HashData(hashes)))
        {
            Extractor = parts[0].Extractor,
            Drawn = parts.All(part => part.Drawn == parts[0].Drawn) ? parts[0].Drawn : null,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var part in _accumulated.Values.OfType<IDisposable>())
            part.Dispose();
    }
}
