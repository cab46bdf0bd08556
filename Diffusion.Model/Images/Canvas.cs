using System.Runtime.InteropServices;
using SkiaSharp;

namespace Diffusion.Model.Images;

/// <summary>Drawings as images, and images in drawings.</summary>
public static class Canvas
{
    /// <summary>What is drawn on a white canvas.</summary>
    /// <exception cref="ArgumentException">A byte array cannot hold so many pixels.</exception>
    public static RgbImage Draw(int width, int height, Action<SKCanvas> draw)
    {
        if (4L * width * height > Array.MaxLength)
            throw new ArgumentException($"{width}×{height} pixels are too many for one image.", nameof(width));
        using var bitmap = new SKBitmap(Form(width, height));
        using (var canvas = new SKCanvas(bitmap))
        {
            canvas.Clear(SKColors.White);
            draw(canvas);
        }
        var rgba = bitmap.GetPixelSpan();
        var rgb = new byte[3 * width * height];
        for (var pixel = 0; pixel < width * height; pixel++)
            rgba.Slice(4 * pixel, 3).CopyTo(rgb.AsSpan(3 * pixel));
        return new(width, height, rgb);
    }

    /// <summary>Draws an image; every pixel of it becomes a square.</summary>
    /// <param name="canvas">Where.</param>
    /// <param name="image">What.</param>
    /// <param name="corner">Where its top left corner goes.</param>
    /// <param name="scale">The side of a square.</param>
    public static void Place(this SKCanvas canvas, RgbImage image, (int Left, int Top) corner, int scale)
    {
        using var bitmap = ToBitmap(image);
        using var pixels = SKImage.FromBitmap(bitmap);
        var place = SKRect.Create(corner.Left, corner.Top, image.Width * scale, image.Height * scale);
        canvas.DrawImage(pixels, place, new SKSamplingOptions(SKFilterMode.Nearest));
    }

    /// <summary>The image as Skia holds it.</summary>
    internal static SKBitmap ToBitmap(RgbImage image)
    {
        var rgba = new byte[4 * image.Width * image.Height];
        for (var pixel = 0; pixel < image.Width * image.Height; pixel++)
        {
            image.Rgb.AsSpan(3 * pixel, 3).CopyTo(rgba.AsSpan(4 * pixel));
            rgba[4 * pixel + 3] = image.Alpha?[pixel] ?? byte.MaxValue;
        }
        var form = Form(image.Width, image.Height);
        var bitmap = new SKBitmap(image.Alpha is null ? form : form.WithAlphaType(SKAlphaType.Unpremul));
        Marshal.Copy(rgba, 0, bitmap.GetPixels(), rgba.Length);
        return bitmap;
    }

    private static SKImageInfo Form(int width, int height) => new(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
}
