using BitMiracle.LibTiff.Classic;
using Diffusion.Model.Files;

namespace Diffusion.Model.Images;

/// <summary>Decodes the first image of a TIFF file: grey, palette, RGB, YCbCr or CMYK, of 1 to 16 bits, in strips or tiles.</summary>
internal static class TiffPixels
{
    // The library prints what it does not like, unless somebody else takes it.
    static TiffPixels() => Tiff.SetErrorHandler(new Silence());

    /// <summary>Its pixels as stored, red, green, blue and opacity; colours are not multiplied by the opacity.</summary>
    /// <param name="place">The file's name, for messages.</param>
    /// <param name="content">All its bytes.</param>
    /// <param name="directory">What it says of itself, already checked.</param>
    /// <exception cref="InputException">It is damaged, or compressed in a way that is not read.</exception>
    public static byte[] Read(string place, byte[] content, TiffDirectory directory)
    {
        var (width, height, orientation) = directory;
        var packed = new int[width * height];
        try
        {
            using var tiff = Tiff.ClientOpen(place, "r", new MemoryStream(content), new TiffStream());
            // Asked for the orientation that it has, the library turns nothing.
            if (tiff is null || !tiff.ReadRGBAImageOriented(width, height, packed, (Orientation)orientation, stopOnError: true))
                throw Damaged(place, null);
        }
        // A damaged file leads the library anywhere; it holds nothing that outlives it.
        catch (Exception trouble) when (trouble is not InputException and not OutOfMemoryException)
        {
            throw Damaged(place, trouble);
        }
        var rgba = new byte[4 * packed.Length];
        for (var pixel = 0; pixel < packed.Length; pixel++)
        {
            var opacity = Tiff.GetA(packed[pixel]);
            rgba[4 * pixel] = Divided(Tiff.GetR(packed[pixel]), opacity);
            rgba[4 * pixel + 1] = Divided(Tiff.GetG(packed[pixel]), opacity);
            rgba[4 * pixel + 2] = Divided(Tiff.GetB(packed[pixel]), opacity);
            rgba[4 * pixel + 3] = (byte)opacity;
        }
        return rgba;
    }

    private static byte Divided(int value, int opacity) =>
        opacity == 255 ? (byte)value : opacity == 0 ? (byte)0 : (byte)Min(255, (value * 255 + opacity / 2) / opacity);

    private static InputException Damaged(string place, Exception? cause) =>
        new(place, "a damaged image (TIFF)", "one that can be decoded to its end", cause);

    private sealed class Silence : TiffErrorHandler
    {
        public override void ErrorHandler(Tiff tif, string method, string format, params object[] args)
        {
        }

        public override void ErrorHandlerExt(Tiff tif, object clientData, string method, string format, params object[] args)
        {
        }

        public override void WarningHandler(Tiff tif, string method, string format, params object[] args)
        {
        }

        public override void WarningHandlerExt(Tiff tif, object clientData, string method, string format, params object[] args)
        {
        }
    }
}
