using System.Collections.Concurrent;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using static TorchSharp.torch;

namespace Diffusion.Model.Datasets;

/// <summary>Image files of any sizes, none of which is kept in memory.</summary>
public sealed class ImagesOfAnySize : IImageSequence, IDisposable
{
    // Larger images are tensors of their own, so that what is computed of one is gone before the next.
    private const long LargestTogether = 1 << 20;

    private readonly LabelledFiles _files;
    private readonly ImageShape[] _shapes;
    private readonly ConcurrentDictionary<int, byte> _transparent = new();
    private readonly ConcurrentDictionary<int, byte> _turned = new();

    internal ImagesOfAnySize(LabelledFiles files)
    {
        _files = files;
        _shapes = new ImageShape[files.Count];
        Parallel.For(0, files.Count, index => _shapes[index] = files.StoredShape(index));
    }

    /// <summary>Opens the image files of a folder, at any depth.</summary>
    /// <exception cref="InputException">There is no image, or one is no image that can be decoded.</exception>
    public static ImagesOfAnySize Folder(string folder, ImageLoading loading) =>
        LabelledFiles.OpenEach(ImageFolder.FilesOf(folder), loading);

    /// <summary>Opens the image files of a zip archive.</summary>
    /// <exception cref="InputException">It is no zip archive, or there is no image, or one is no image that can be decoded.</exception>
    public static ImagesOfAnySize Archive(string archive, ImageLoading loading) =>
        LabelledFiles.OpenEach(ImageArchive.FilesOf(archive), loading);

    /// <inheritdoc/>
    public int Count => _files.Count;

    /// <summary>Which files are left out, and why; empty where none is.</summary>
    public string LeftOut => _files.LeftOut;

    /// <summary>The shape of all images as they are stored; null where they differ.</summary>
    public ImageShape? CommonShape => _shapes.All(shape => shape == _shapes[0]) ? _shapes[0] : null;

    /// <summary>How many of the images read so far have transparency.</summary>
    public int Transparent => _transparent.Count;

    /// <summary>How many of the images read so far note that the camera was not held upright.</summary>
    public int Turned => _turned.Count;

    /// <inheritdoc/>
    public ImageShape ShapeOf(int index) => _shapes[index];

    /// <summary>The name of a file inside its place.</summary>
    public string NameOf(int index) => _files.NameInside(index);

    /// <inheritdoc/>
    public IReadOnlyList<Tensor> Read(int first, int count, ImageReading reading)
    {
        var images = new RgbImage[count];
        try
        {
            Parallel.For(0, count, at => images[at] = Decoded(first + at, reading));
        }
        catch (AggregateException several)
        {
            throw several.InnerExceptions.OfType<InputException>().FirstOrDefault() ?? several.InnerExceptions[0];
        }
        var tensors = new List<Tensor>();
        for (int from = 0, to; from < count; from = to)
        {
            var shape = new ImageShape(3, images[from].Height, images[from].Width);
            for (to = from + 1; to < count
                && shape.Size <= LargestTogether && (images[to].Height, images[to].Width) == (shape.Height, shape.Width);)
                to++;
            tensors.Add(Together(images.AsSpan(from, to - from), shape));
        }
        return tensors;
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    private RgbImage Decoded(int index, ImageReading reading)
    {
        var image = _files.Read(index, reading);
        if (image.IsTransparent)
            _transparent[index] = 0;
        if (image.IsTurned)
            _turned[index] = 0;
        return image.Image;
    }

    private static Tensor Together(ReadOnlySpan<RgbImage> images, ImageShape shape)
    {
        var tensor = empty([images.Length, shape.Channels, shape.Height, shape.Width], ScalarType.Byte);
        var size = (int)shape.Size;
        for (var at = 0; at < images.Length; at++)
            images[at].CopyPlanes(0, 0, shape, tensor.bytes.Slice(at * size, size));
        return tensor;
    }
}
