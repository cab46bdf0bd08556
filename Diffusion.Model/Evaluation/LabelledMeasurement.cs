using Diffusion.Math.Evaluation;
using Diffusion.Math.Values;

namespace Diffusion.Model.Evaluation;

/// <summary>How images that are each meant to show something compare with real ones of the same classes.</summary>
/// <param name="Distance">Fréchet distance of all.</param>
/// <param name="Accuracy">Share that the network recognises, in [0, 1].</param>
/// <param name="Diversity">Mean of the classes' diversities: 1 where images of a class vary as much as real ones.</param>
/// <param name="Classes">The same for each class.</param>
public sealed record LabelledMeasurement(double Distance, double Accuracy, double Diversity, Sequence<ClassMeasurement> Classes)
{
    /// <summary>Compares images with a reference.</summary>
    /// <exception cref="ArgumentException">The two were not made by the same network, or hold fewer than two images of a class.</exception>
    public static LabelledMeasurement Between(LabelledFeatures reference, LabelledFeatures images)
    {
        if (reference.Extractor != images.Extractor)
            throw new ArgumentException($"Features of ({reference.Extractor}) and of ({images.Extractor}) do not compare.", nameof(images));
        foreach (var part in reference.Classes.Concat(images.Classes))
            if (part.Statistics.Count < 2)
                throw new ArgumentException($"{part.Statistics.Count} images of a class have no distance; at least 2 are needed.", nameof(images));
        var classes = reference.Classes.Zip(images.Classes, Between).ToSequence();
        return new(
            Frechet(reference.All, images.All), images.Accuracy, classes.Average(part => part.Diversity), classes);
    }

    private static ClassMeasurement Between(ClassFeatures reference, ClassFeatures images) => new(
        Frechet(reference.Statistics, images.Statistics),
        (double)images.Recognised / images.Statistics.Count,
        images.Statistics.Fit().Covariance.Trace / reference.Statistics.Fit().Covariance.Trace);

    private static double Frechet(FeatureStatistics one, FeatureStatistics other) =>
        FrechetDistance.Between(one.Fit(), other.Fit(), Spectrum.RootTrace).Value;
}

/// <summary>How images of one class compare with real ones.</summary>
/// <param name="Distance">Fréchet distance; far too large where there are fewer images than features, yet comparable at equal numbers.</param>
/// <param name="Accuracy">Share that the network recognises, in [0, 1].</param>
/// <param name="Diversity">The features' variance, summed over features, as a share of that of real images.</param>
public readonly record struct ClassMeasurement(double Distance, double Accuracy, double Diversity);
