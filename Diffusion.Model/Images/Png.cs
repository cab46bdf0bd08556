using Diffusion.Math.Values;
using Diffusion.Model.Files;

namespace Diffusion.Model.Images;

/// <summary>Writes an image as a PNG file. Equal images with equal notes become equal bytes.</summary>
public static class Png
{
    /// <summary>Writes a whole PNG stream.</summary>
    public static void Write(Stream stream, RgbImage image, Sequence<Note> notes)
    {
        PngChunks.WriteStart(stream, image);
        foreach (var note in notes)
            PngChunks.WriteNote(stream, note);
        PngChunks.Write(stream, "IDAT", PngChunks.Compress(image));
        PngChunks.WriteEnd(stream);
    }

    /// <summary>Writes a file, or leaves the one that is there as it was.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, RgbImage image, Sequence<Note> notes) =>
        AtomicFile.Write(path, stream => Write(stream, image, notes));
}
