using Diffusion.Model.Files;

namespace Diffusion.Model.Datasets;

/// <summary>Opens a single image file (PNG, JPEG, WebP, BMP, GIF, TIFF) as a set of one image.</summary>
public static class ImageFile
{
    /// <summary>Opens a file.</summary>
    /// <exception cref="InputException">It is not there, or cannot be read, decoded or fitted.</exception>
    public static IImageSource Open(string path, ImageLoading loading) => LabelledFiles.Open(new One(path), loading);

    private sealed record One(string Place) : IImageFiles
    {
        public IReadOnlyList<ImageEntry> List() =>
            InputFile.Reading(
                Place, () => new[] { new ImageEntry(Path.GetFileName(Place), new FileInfo(Place).Length) { IsChosen = true } });

        public byte[] Read(ImageEntry entry) => InputFile.Reading(Place, () => OrdinaryFile.ReadAll(Place, IImageFiles.LongestFile));

        public void Dispose()
        {
        }
    }
}
