using Diffusion.Model.Files;

namespace Diffusion.Model.Datasets;

/// <summary>Opens a folder of image files (PNG, JPEG, WebP, BMP, GIF, TIFF) as a set of images.</summary>
/// <remarks>
/// A sub-folder is a class; files below it at any depth belong to it, and files beside the sub-folders to a class named after the
/// folder itself. Where all sub-folders are called like parts, such as <c>train</c> and <c>test</c>, they are the parts, and the classes
/// are inside. A <c>dataset.json</c> with labels, as EDM and StyleGAN write it, says the labels instead of the folders. Every file is used
/// once, whatever links lead to it; what is left out is counted in <see cref="DataDescription.LeftOut"/>.
/// </remarks>
public static class ImageFolder
{
    /// <summary>The file that says what the samples of a folder were drawn from; it does not count as left out.</summary>
    public const string SampleRecord = "samples.json";

    /// <summary>Opens a folder.</summary>
    /// <exception cref="InputException">There is no image, or one cannot be read, decoded or fitted.</exception>
    public static IImageSource Open(string folder, ImageLoading loading) => LabelledFiles.Open(FilesOf(folder), loading);

    /// <summary>The folder's files.</summary>
    internal static IImageFiles FilesOf(string folder) => new Files(folder);

    private sealed record Files(string Place) : IImageFiles
    {
        public IReadOnlyList<ImageEntry> List() => InputFile.Reading(Place, () => FolderWalk.Of(Place));

        public byte[] Read(ImageEntry entry)
        {
            var path = Path.Combine(Place, entry.Name);
            return InputFile.Reading(path, () => OrdinaryFile.ReadAll(path, IImageFiles.LongestFile));
        }

        public void Dispose()
        {
        }
    }
}
