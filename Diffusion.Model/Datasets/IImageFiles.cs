using Diffusion.Model.Files;

namespace Diffusion.Model.Datasets;

/// <summary>A file that was found but not yet read.</summary>
/// <param name="Name">Its path inside the place it was found in, with forward slashes.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Stamp">Changes when its content does: the time it was written, or a checksum.</param>
internal readonly record struct ImageEntry(string Name, long Length, long Stamp = 0)
{
    private static readonly string[] Endings =
        [".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".webp", ".bmp", ".dib", ".gif", ".tif", ".tiff"];

    // Images all the same, but not ones that can be decoded here.
    private static readonly string[] OtherEndings =
    [
        ".heic", ".heif", ".avif", ".jxl", ".jp2", ".j2k", ".jpx", ".psd", ".svg", ".ico", ".tga", ".exr", ".hdr", ".pgm",
        ".ppm", ".pnm", ".pbm", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".raw",
    ];

    /// <summary>The endings of files that are read, for messages.</summary>
    public const string Expected = "files ending in .png, .jpg (.jpeg, .jpe, .jfif), .webp, .bmp, .gif or .tif (.tiff)";

    /// <summary>Why it cannot be read, where that is known without opening it; else null.</summary>
    public string? Fault { get; init; }

    /// <summary>Whether it is a link, or a second name, of something that is in the list already.</summary>
    public bool IsRepeat { get; init; }

    /// <summary>Whether a person named this very file: then it does not matter what it is called.</summary>
    public bool IsChosen { get; init; }

    /// <summary>Its ending in small letters, with the dot.</summary>
    public string Ending => Path.GetExtension(Name).ToLowerInvariant();

    /// <summary>Whether it is called like an image that can be decoded.</summary>
    public bool IsImage => IsChosen || Endings.Contains(Ending);

    /// <summary>Whether it is called like an image of a format that is not read.</summary>
    public bool IsOtherImage => OtherEndings.Contains(Ending);

    /// <summary>Refuses a name in an archive that leads out of it: an absolute one, one of a drive, or one that climbs.</summary>
    /// <exception cref="InputException">It does.</exception>
    public static string Inside(string archive, string name) =>
        name.StartsWith('/') || name is [>= 'A' and <= 'z', ':', ..] || name.Split('/').Contains("..")
            ? throw new InputException(archive, $"the name {name}, which leads out of the archive", "names inside it: pack it again")
            : name;

    /// <summary>Whether a name is that of a file that is meant to be seen.</summary>
    public static bool IsShown(string name) => !name.Split('/').Any(part => part is ['.', not '.', ..] or "__MACOSX");
}

/// <summary>A place that holds image files.</summary>
internal interface IImageFiles : IDisposable
{
    /// <summary>No encoded image is longer; more is an attempt to fill the memory.</summary>
    const long LongestFile = 1 << 28;

    /// <summary>Its path.</summary>
    string Place { get; }

    /// <summary>All files but hidden ones, in no order to rely on.</summary>
    IReadOnlyList<ImageEntry> List();

    /// <summary>Reads one of them whole; any thread may ask.</summary>
    /// <exception cref="InputException">It cannot be read.</exception>
    byte[] Read(ImageEntry entry);
}
