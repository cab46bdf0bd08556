using Diffusion.Math.Values;
using Diffusion.Model.Data;
using Diffusion.Model.Files;
using static Diffusion.Host.Pictures.PngChunks;

namespace Diffusion.Host.Pictures;

/// <summary>One picture of an animation.</summary>
/// <param name="Picture">What is seen.</param>
/// <param name="Duration">For how long; up to 65 seconds, in whole milliseconds.</param>
public sealed record Frame(Picture Picture, TimeSpan Duration);

/// <summary>Writes an animation that repeats for ever as an animated PNG; a viewer that knows only PNG shows the first frame.</summary>
/// <remarks>Chunks acTL, fcTL and fdAT of W3C, "Portable Network Graphics (PNG) Specification (Third Edition)".</remarks>
public static class Apng
{
    /// <summary>Writes a whole stream.</summary>
    /// <exception cref="ArgumentException">There is no frame, or their sizes differ.</exception>
    public static void Write(Stream stream, Sequence<Frame> frames, Sequence<Note> notes)
    {
        var first = Require.NonEmpty(frames)[0].Picture;
        WriteStart(stream, first);
        foreach (var note in notes)
            WriteNote(stream, note);
        PngChunks.Write(stream, "acTL", [.. BigEndian(frames.Count), .. BigEndian(0)]);
        var sequence = 0;
        foreach (var (picture, duration) in frames)
        {
            if (picture.Width != first.Width || picture.Height != first.Height)
                throw new ArgumentException(
                    $"A frame of {picture.Width}×{picture.Height} in an animation of {first.Width}×{first.Height}.", nameof(frames));
            WriteControl(stream, sequence++, picture, duration);
            if (sequence == 1)
                PngChunks.Write(stream, "IDAT", Compress(picture));
            else
                PngChunks.Write(stream, "fdAT", [.. BigEndian(sequence++), .. Compress(picture)]);
        }
        WriteEnd(stream);
    }

    /// <summary>Writes a file, or leaves the one that is there as it was.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, Sequence<Frame> frames, Sequence<Note> notes) =>
        AtomicFile.Write(path, stream => Write(stream, frames, notes));

    // Each frame covers the whole picture: at the corner, nothing disposed of, nothing blended.
    private static void WriteControl(Stream stream, int sequence, Picture picture, TimeSpan duration)
    {
        var milliseconds = Require.Within((int)duration.TotalMilliseconds, 0, ushort.MaxValue, nameof(duration));
        PngChunks.Write(stream, "fcTL",
        [
            .. BigEndian(sequence), .. BigEndian(picture.Width), .. BigEndian(picture.Height), .. BigEndian(0), .. BigEndian(0),
            .. BigEndian(milliseconds << 16 | 1000), 0, 0,
        ]);
    }
}
