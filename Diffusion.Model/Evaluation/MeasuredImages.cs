using System.Security.Cryptography;
using System.Text;
using Diffusion.Math.Evaluation;

namespace Diffusion.Model.Evaluation;

/// <summary>One side of a comparison: images that went through a network, or statistics that somebody stored. It owns its features.</summary>
/// <param name="Fit">Mean and covariance of the features.</param>
/// <param name="Sha256">What identifies the images, or the file of their statistics.</param>
public sealed record MeasuredImages(NormalFit Fit, string Sha256) : IDisposable
{
    /// <summary>The pass over the images; null where only statistics are known.</summary>
    public FeatureSet? Features { get; init; }

    /// <summary>What made the features; null for statistics that do not say.</summary>
    public ExtractorIdentity? Extractor { get; init; }

    /// <summary>What somebody assumed to have made the features of statistics that do not say; null where nothing had to be assumed.</summary>
    public string? Assumed { get; init; }

    /// <summary>How the images were drawn; null for images from elsewhere.</summary>
    public DrawnSamples? Drawn { get; init; }

    /// <summary>Which reference this is when another set is measured against it.</summary>
    public ReferenceIdentity Identity => new(Sha256, Fit.Count);

    /// <summary>What a pass has left of images.</summary>
    /// <param name="features">The pass; taken over.</param>
    /// <param name="sha256">What identifies the images.</param>
    /// <exception cref="ArgumentException">One image has no covariance.</exception>
    public static MeasuredImages Of(FeatureSet features, string sha256) => features.Statistics.Count > 1
        ? new(features.Statistics.Fit(), sha256) { Features = features, Extractor = features.Extractor }
        : throw new ArgumentException($"{(features.Statistics.Count == 1 ? "One image has" : "No images have")} no distance; at least 2 are needed.", nameof(features));

    /// <summary>The images of all parts together; their hash is then one over the hashes of the parts, in order.</summary>
    /// <param name="parts">At least one; their feature vectors do not survive.</param>
    /// <exception cref="ArgumentException">Different networks made the features, or a part does not say how many images it is of.</exception>
    public static MeasuredImages Join(IReadOnlyList<MeasuredImages> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Count == 1)
            return parts[0] with { Features = null };
        if (parts.FirstOrDefault(part => part.Extractor != parts[0].Extractor) is { } other)
            throw new ArgumentException($"Features of ({parts[0].Extractor ?? ExtractorIdentity.Unknown}) and of ({other.Extractor ?? ExtractorIdentity.Unknown}) cannot be joined.", nameof(parts));
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
    public void Dispose() => Features?.Dispose();
}
