using Diffusion.Model.Images;
using Google.Protobuf;
using Tensorboard;

namespace Diffusion.Host.TensorBoard;

/// <summary>What event files hold: TensorFlow's messages Event and Summary, as TorchSharp brings them.</summary>
internal static class Events
{
    // TensorFlow's summary.proto: 3 is RGB, 4 RGBA.
    private const int Colours = 3;
    private const int ColoursAndAlpha = 4;

    // In a PNG file: its signature of 8 bytes, the head of the first chunk, two sizes, the depth, and then the colour type, 6 with alpha.
    private const int ColourType = 25;
    private const byte WithAlpha = 6;

    /// <summary>The event that every file begins with.</summary>
    /// <param name="time">When, in seconds since 1970.</param>
    public static byte[] Beginning(double time) => new Event { WallTime = time, FileVersion = "brain.Event:2" }.ToByteArray();

    /// <summary>A value at a step.</summary>
    /// <param name="time">When, in seconds since 1970.</param>
    /// <param name="step">After how many updates.</param>
    /// <param name="value">The value.</param>
    public static byte[] Of(double time, long step, Summary.Types.Value value) =>
        new Event { WallTime = time, Step = step, Summary = new() { Value = { value } } }.ToByteArray();

    /// <summary>A number, kept in single precision.</summary>
    /// <param name="tag">What it is called; what stands before a slash groups it.</param>
    /// <param name="value">The number.</param>
    public static Summary.Types.Value Scalar(string tag, double value) => new() { Tag = tag, SimpleValue = (float)value };

    /// <summary>An image in colours.</summary>
    /// <param name="tag">What it is called.</param>
    /// <param name="size">What the file says of itself.</param>
    /// <param name="png">The whole PNG file.</param>
    public static Summary.Types.Value Image(string tag, PngNotes size, byte[] png) => new()
    {
        Tag = tag,
        Image = new()
        {
            Height = size.Height, Width = size.Width, Colorspace = png[ColourType] == WithAlpha ? ColoursAndAlpha : Colours,
            EncodedImageString = ByteString.CopyFrom(png),
        },
    };

    /// <summary>An event as it was written; null for bytes that are none.</summary>
    public static Event? Read(byte[] content)
    {
        try
        {
            return Event.Parser.ParseFrom(content);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
