namespace Diffusion.Model.Images;

/// <summary>What is kept of the colours of image files.</summary>
public enum ImageChannels
{
    /// <summary>Red, green and blue; of a grey image three times the same.</summary>
    Colour,

    /// <summary>The brightness, ITU-R BT.601: 0.299 red + 0.587 green + 0.114 blue.</summary>
    Grey,
}

/// <summary>From decoded images to planes.</summary>
internal static class ImagePlanes
{
    // As the libraries of JPEG and PIL have it: the weights add up to 65536, so that grey stays the grey it is.
    private const int RedWeight = 19595;
    private const int GreenWeight = 38470;
    private const int BlueWeight = 7471;

    /// <summary>A shape of three channels with those that are kept.</summary>
    public static ImageShape Of(this ImageChannels channels, ImageShape shape) =>
        channels == ImageChannels.Grey ? shape with { Channels = 1 } : shape;

    /// <summary>Writes an image as planes, C×H×W.</summary>
    public static void CopyPlanes(this ImageChannels channels, RgbImage image, ImageShape shape, Span<byte> planes)
    {
        if (channels == ImageChannels.Colour)
            image.CopyPlanes(0, 0, shape, planes);
        else
            for (int at = 0, from = 0; at < planes.Length; at++, from += 3)
                planes[at] = (byte)(
                    (RedWeight * image.Rgb[from] + GreenWeight * image.Rgb[from + 1] + BlueWeight * image.Rgb[from + 2] + 0x8000) >> 16);
    }
}
