using Diffusion.Model.Files;

namespace Diffusion.Model.Datasets;

/// <summary>Opens a folder of image files (PNG, JPEG, WebP, BMP) as a set of images.</summary>
/// <remarks>
/// A sub-folder is a class; files below it at any depth belong to it, and files beside the sub-folders to a class named after the
/// folder itself. Where the folder holds <c>train</c> or <c>test</c>, these are the parts, and the classes are inside.
/// </remarks>
public static class ImageFolder
{
    /// <summary>Opens a folder.</summary>
    /// <exception cref="InputException">There is no image, or one cannot be read, decoded or fitted.</exception>
    public static IImageSource Open(string folder, ImageLoading loading) => LabelledFiles.Open(new Files(folder), loading);

    private sealed record Files(string Place) : IImageFiles
    {
        private static readonly EnumerationOptions Everything = new()
        {
            RecurseSubdirectories = true,
            IgnoreInaccessible = false,
            // A link can lead back to where it lies.
            MaxRecursionDepth = 32,
        };

        public IEnumerable<ImageEntry> List() => InputFile.Reading(Place, () => new DirectoryInfo(Place).EnumerateFiles("*", Everything)
            .Select(file => new ImageEntry(Path.GetRelativePath(Place, file.FullName).Replace('\\', '/'), file.Length))
            .Where(entry => ImageEntry.IsImage(entry.Name)).ToArray());

        public byte[] Read(ImageEntry entry)
        {
            var path = Path.Combine(Place, entry.Name);
            return InputFile.Reading(path, () => File.ReadAllBytes(path));
        }

        public void Dispose()
        {
        }
    }
}
