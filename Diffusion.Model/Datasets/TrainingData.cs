using Diffusion.Math.Values;
using Diffusion.Model.Files;

namespace Diffusion.Model.Datasets;

/// <summary>The images that a model is trained on, and those held out.</summary>
/// <param name="Train">The images to learn from.</param>
/// <param name="Test">The images held out; null where there are none.</param>
/// <param name="Line">One line for a person: what they are and where they are from; may be empty.</param>
public sealed record TrainingData(IImageSource Train, IImageSource? Test = null, string Line = "") : IDisposable
{
    /// <summary>
    /// Opens a folder of image files, an archive of them, or a pack: the part called <c>train</c> where there are parts, else everything.
    /// </summary>
    /// <param name="place">The folder, the archive or the pack.</param>
    /// <param name="loading">How the files become images of one shape.</param>
    /// <exception cref="InputException">There are no images, or one cannot be read.</exception>
    public static TrainingData Open(string place, ImageLoading loading)
    {
        var images = ImageSources.Open(place, loading);
        var (shape, description) = (images.Provenance.Shape, images.Provenance.Description);
        var count = images.Provenance.Count == 1 ? "1 image, for which there is no FID," : $"{images.Provenance.Count} images";
        var left = description.LeftOut == "" ? "" : $" {description.LeftOut}.";
        var seen = description.Seen == "" ? "" : $" {description.Seen}.";
        var fitted = description.Fitted == "" ? "" : $", {description.Fitted}";
        var labels = description.LabelSource is { Length: > 0 } said ? said : Counted.Of(description.ClassNames.Count, "class", "classes");
        return new(images, null, $"Data: {count} of {shape} from {place}{fitted}; {labels}.{left}{seen}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Train.Dispose();
        Test?.Dispose();
    }
}
