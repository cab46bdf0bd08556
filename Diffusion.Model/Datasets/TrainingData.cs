using Diffusion.Model.Files;

namespace Diffusion.Model.Datasets;

/// <summary>The images that a model is trained on, and those held out.</summary>
/// <param name="Train">The images to learn from.</param>
/// <param name="Test">The images held out; null where there are none.</param>
/// <param name="Line">One line for a person: what they are and where they are from; may be empty.</param>
public sealed record TrainingData(IImageSource Train, IImageSource? Test = null, string Line = "") : IDisposable
{
    /// <summary>
    /// Opens a folder of image files, or an archive of them: the part called <c>train</c> where there are parts, else everything.
    /// </summary>
    /// <param name="place">The folder or the archive.</param>
    /// <param name="loading">How the files become images of one shape.</param>
    /// <exception cref="InputException">There are no images, or one cannot be read.</exception>
    public static TrainingData Open(string place, ImageLoading loading)
    {
        if (File.Exists(place) && !ImageArchive.IsNamed(place))
            throw new InputException(place, "a file", $"a folder of images, or an archive of one that ends in {ImageArchive.Endings}");
        var images = File.Exists(place) ? ImageArchive.Open(place, loading) : ImageFolder.Open(place, loading);
        var (shape, description) = (images.Provenance.Shape, images.Provenance.Description);
        var count = images.Provenance.Count == 1 ? "1 image, for which there is no FID," : $"{images.Provenance.Count} images";
        var left = description.LeftOut == "" ? "" : $" {description.LeftOut}.";
        var fitted = description.Fitted == "" ? "" : $", {description.Fitted}";
        return new(images, null, $"Data: {count} of {shape} from {place}{fitted}; {description.LabelSource}.{left}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Train.Dispose();
        Test?.Dispose();
    }
}
