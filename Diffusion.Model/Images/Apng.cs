using Diffusion.Math.Values;
using Diffusion.Model.Files;
using static Diffusion.Model.Images.PngChunks;

namespace Diffusion.Model.Images;

/// <summary>One image of an animation.</summary>
/// <param name="Image">What is seen.</param>
/// <param name="Duration">For how long; up to 65 seconds, in whole milliseconds.</param>
public sealed record Frame(RgbImage Image, TimeSpan Duration);

/// <summary>Images that follow one another, again and again.</summary>
/// <param name="Frames">At least one, all of one size.</param>
public sealed record Animation(Sequence<Frame> Frames)
{
    /// <summary>What is shown where nothing moves, such as in print; the first frame without it.</summary>
    public RgbImage? Still { get; init; }

    /// <summary>Width and height of every frame.</summary>
    /// <exception cref="ArgumentException">There is no frame, or sizes differ.</exception>
    public (int Width, int Height) Size
    {
        get
        {
            var first = Require.NonEmpty(Frames)[0].Image;
            foreach (var image in Frames.Select(frame => frame.Image).Append(Still ?? first))
                if (image.Width != first.Width || image.Height != first.Height)
                    throw new ArgumentException(
                        $"An image of {image.Width}×{image.Height} in an animation of {first.Width}×{first.Height}.");
            return (first.Width, first.Height);
        }
    }
}

/// <summary>Writes an animation as an animated PNG; a viewer that knows only PNG shows the still.</summary>
/// <remarks>Chunks acTL, fcTL and fdAT of W3C, "Portable Network Graphics (PNG) Specification (Third Edition)".</remarks>
public static class Apng
{
    /// <summary>Writes a whole stream.</summary>
    /// <exception cref="ArgumentException">There is no frame, or sizes differ.</exception>
    public static void Write(Stream stream, Animation animation, Sequence<Note> notes)
    {
        _ = animation.Size;
        WriteStart(stream, animation.Frames[0].Image);
        foreach (var note in notes)
            WriteNote(stream, note);
        PngChunks.Write(stream, "acTL", [.. BigEndian(animation.Frames.Count), .. BigEndian(0)]);
        var sequence = 0;
        // A frame belongs to the animation where its control chunk stands before it.
        if (animation.Still is { } still)
            PngChunks.Write(stream, "IDAT", Compress(still));
        foreach (var (image, duration) in animation.Frames)
        {
            WriteControl(stream, sequence++, image, duration);
            if (sequence == 1 && animation.Still is null)
                PngChunks.Write(stream, "IDAT", Compress(image));
            else
                PngChunks.Write(stream, "fdAT", [.. BigEndian(sequence++), .. Compress(image)]);
        }
        WriteEnd(stream);
    }

    /// <summary>Writes a file, or leaves the one that is there as it was.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, Animation animation, Sequence<Note> notes) =>
        AtomicFile.Write(path, stream => Write(stream, animation, notes));

    // Each frame covers the whole image: at the corner, nothing disposed of, nothing blended.
    private static void WriteControl(Stream stream, int sequence, RgbImage image, TimeSpan duration)
    {
        var milliseconds = Require.Within((int)duration.TotalMilliseconds, 0, ushort.MaxValue, nameof(duration));
        PngChunks.Write(stream, "fcTL",
        [
            .. BigEndian(sequence), .. BigEndian(image.Width), .. BigEndian(image.Height), .. BigEndian(0), .. BigEndian(0),
            .. BigEndian(milliseconds << 16 | 1000), 0, 0,
        ]);
    }
}
