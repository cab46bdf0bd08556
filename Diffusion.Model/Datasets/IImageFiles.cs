using Diffusion.Model.Files;

namespace Diffusion.Model.Datasets;

/// <summary>An image file that was found but not yet read.</summary>
/// <param name="Name">Its path inside the place it was found in, with forward slashes.</param>
/// <param name="Length">Its bytes.</param>
internal readonly record struct ImageEntry(string Name, long Length)
{
    private static readonly string[] Endings = [".png", ".jpg", ".jpeg", ".webp", ".bmp"];

    /// <summary>Whether a name is that of an image file that is meant to be seen.</summary>
    public static bool IsImage(string name) =>
        Endings.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase)
        && !name.Split('/').Any(part => part is ['.', not '.', ..] or "__MACOSX");
}

/// <summary>A place that holds image files.</summary>
internal interface IImageFiles : IDisposable
{
    /// <summary>Its path.</summary>
    string Place { get; }

    /// <summary>The files, in no order to rely on.</summary>
    IEnumerable<ImageEntry> List();

    /// <summary>Reads one of them whole; any thread may ask.</summary>
    /// <exception cref="InputException">It cannot be read.</exception>
    byte[] Read(ImageEntry entry);
}
