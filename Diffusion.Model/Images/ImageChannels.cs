using Diffusion.Math.Values;

namespace Diffusion.Model.Images;

/// <summary>What is kept of the colours of image files.</summary>
public enum ImageChannels
{
    /// <summary>Red, green and blue; of a grey image three times the same.</summary>
    Colour,

    /// <summary>The brightness, ITU-R BT.601: 0.299 red + 0.587 green + 0.114 blue.</summary>
    Grey,

    /// <summary>
    /// Red, green, blue and alpha: 255 for opaque, as all of an image without transparency is. Colours are not multiplied by it, as in a
    /// PNG file; where alpha is 0 they are black, whatever the file holds there.
    /// </summary>
    ColourAndAlpha,
}

/// <summary>What kinds of channels are called, and how many they are.</summary>
public static class ChannelKinds
{
    /// <summary>The words of a command line.</summary>
    public static Sequence<(string Word, ImageChannels Channels)> Words { get; } =
        [("grey", ImageChannels.Grey), ("rgb", ImageChannels.Colour), ("rgba", ImageChannels.ColourAndAlpha)];

    /// <summary>The kind of so many channels: 1 is grey, 4 has alpha, everything else counts as colour.</summary>
    public static ImageChannels Of(int count) => count switch
    {
        1 => ImageChannels.Grey,
        4 => ImageChannels.ColourAndAlpha,
        _ => ImageChannels.Colour,
    };

    /// <summary>How many they are: 1, 3 or 4.</summary>
    public static int Count(this ImageChannels channels) => channels switch
    {
        ImageChannels.Grey => 1,
        ImageChannels.ColourAndAlpha => 4,
        _ => 3,
    };

    /// <summary>The word of a command line.</summary>
    public static string Word(this ImageChannels channels) => Words.First(kind => kind.Channels == channels).Word;

    /// <summary>How files are read of which these channels are kept.</summary>
    internal static ImageReading Reading(this ImageChannels channels) =>
        channels == ImageChannels.ColourAndAlpha ? ImageReading.WithAlpha : ImageReading.AsSeen;
}

/// <summary>From decoded images to planes.</summary>
internal static class ImagePlanes
{
    // As the libraries of JPEG and PIL have it: the weights add up to 65536, so that grey stays the grey it is.
    private const int RedWeight = 19595;
    private const int GreenWeight = 38470;
    private const int BlueWeight = 7471;

    /// <summary>A shape of three channels with those that are kept.</summary>
    public static ImageShape Of(this ImageChannels channels, ImageShape shape) => shape with { Channels = channels.Count() };

    /// <summary>Writes an image as planes, C×H×W.</summary>
    public static void CopyPlanes(this ImageChannels channels, RgbImage image, ImageShape shape, Span<byte> planes)
    {
        if (channels != ImageChannels.Grey)
            image.CopyPlanes(0, 0, shape, planes);
        else
            for (int at = 0, from = 0; at < planes.Length; at++, from += 3)
                planes[at] = (byte)(
                    (RedWeight * image.Rgb[from] + GreenWeight * image.Rgb[from + 1] + BlueWeight * image.Rgb[from + 2] + 0x8000) >> 16);
    }
}
