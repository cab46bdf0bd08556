using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Diffusion.Model.Files;
using Diffusion.Model.Images;

namespace Diffusion.Model.Datasets;

/// <summary>Image files with their labels, in a fixed order, and the one way to decode them.</summary>
internal sealed partial class LabelledFiles : IDisposable
{
    private readonly IImageFiles _files;
    private readonly ImageFit _fit;
    private readonly ImageChannels _channels;
    private readonly PixelColour _background;
    private readonly Lock _turn = new();
    private ChosenFiles _chosen;
    private FileLabels? _labels;
    private StoredSizes _sizes = StoredSizes.None;
    private int _transparent;
    private int _turned;
    private volatile bool _isColoured;

    private LabelledFiles(IImageFiles files, ImageLoading loading)
    {
        (_files, _fit, _channels, _background) = (files, loading.Fit, loading.Channels, loading.Background);
        _chosen = ChosenFiles.Of(files, loading);
        Shape = FirstShape(loading);
    }

    /// <summary>The label of each file.</summary>
    public int[] Labels => AllLabels.Numbers;

    /// <summary>The shape of every image.</summary>
    public ImageShape Shape { get; }

    /// <summary>How many files.</summary>
    public int Count => _chosen.Images.Length;

    private ImageSize Wanted => new(Shape.Height, Shape.Width);

    private FileLabels AllLabels => _labels ??= FileLabels.Of(_files, _chosen);

    /// <summary>
    /// Opens a place: all in memory where it fits, else with as much kept as fits. Either way every image is looked at first.
    /// </summary>
    public static IImageSource Open(IImageFiles files, ImageLoading loading)
    {
        LabelledFiles? labelled = null;
        var isOwned = false;
        try
        {
            labelled = new(files, loading);
            var source = labelled.Open(loading);
            isOwned = source is StreamedImages;
            return source;
        }
        finally
        {
            if (!isOwned)
                files.Dispose();
        }
    }

    /// <summary>
    /// Opens a place whose images may differ in size; every image is looked at first, its pixels only where bad ones are left out.
    /// </summary>
    public static ImagesOfAnySize OpenEach(IImageFiles files, ImageLoading loading)
    {
        try
        {
            var labelled = new LabelledFiles(files, loading);
            labelled.RefuseBad(ImageLook.Run(labelled._chosen.Images, loading,
                loading.Bad == BadImages.Skipped
                    ? index => labelled.Read(index, ImageReading.AsStored) : index => labelled.StoredShape(index)), loading);
            return new(labelled);
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>Reads and decodes one image.</summary>
    /// <param name="index">Its number.</param>
    /// <param name="planes">Receives it, C×H×W.</param>
    /// <exception cref="InputException">It cannot be read, decoded or fitted.</exception>
    public void Decode(int index, Span<byte> planes)
    {
        var (place, entry) = (NameOf(index), _chosen.Images[index]);
        var content = Content(place, entry);
        // Before its pixels take memory.
        var stored = ImageDecoder.ShapeOf(place, content);
        _fit.Check(place, stored, Shape);
        var decoded = ImageDecoder.Decode(place, content, _channels.Reading(), _fit.LeastSide, _background);
        if (decoded.IsTransparent)
            Interlocked.Increment(ref _transparent);
        if (decoded.IsTurned)
            Interlocked.Increment(ref _turned);
        var image = _fit.Apply(place, decoded.Image, Shape);
        if (!_isColoured && !image.IsGrey)
            _isColoured = true;
        _channels.CopyPlanes(image, Shape, planes);
        CountSize(stored, decoded);
    }

    /// <summary>Reads and decodes one image, whatever its size.</summary>
    /// <exception cref="InputException">It cannot be read or decoded.</exception>
    public DecodedImage Read(int index, ImageReading reading) =>
        ImageDecoder.Decode(NameOf(index), Content(NameOf(index), _chosen.Images[index]), reading);

    /// <summary>The shape of one image, without decoding it.</summary>
    /// <exception cref="InputException">It cannot be read, or is no image.</exception>
    public ImageShape StoredShape(int index) => ImageDecoder.ShapeOf(NameOf(index), Content(NameOf(index), _chosen.Images[index]));

    /// <summary>What a file is called inside its place.</summary>
    public string NameInside(int index) => _chosen.Images[index].Name;

    /// <summary>Which files are left out, and why; empty where none is.</summary>
    public string LeftOut => _chosen.Sentence;

    /// <summary>A hash of what the files are called and how long they are, and of labels that their names do not say, in order.</summary>
    public string HashOfList()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (index, entry) in _chosen.Images.Index())
            hash.AppendData(Encoding.UTF8.GetBytes(_chosen.Labels is null && AllLabels.File is null
                ? $"{entry.Name}\0{entry.Length}\n"
                : string.Create(CultureInfo.InvariantCulture, $"{entry.Name}\0{entry.Length}\0{Labels[index]}\n")));
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    private IImageSource Open(ImageLoading loading)
    {
        var size = Count * Shape.Size;
        // Labels above a byte only come with sets that are streamed.
        if (size > Min(loading.Memory, Array.MaxLength) || AllLabels.Classes.Count > 256)
            return Streamed(loading);
        var pixels = new byte[size];
        var all = _chosen.Images;
        RefuseBad(ImageLook.Run(all, loading, index => Decode(index, pixels.AsSpan((int)(index * Shape.Size), (int)Shape.Size))), loading);
        if (Count < all.Length)
            pixels = Kept(pixels, all);
        var description = Description(loading, Seen) with { IsGrey = !_isColoured };
        return ImageSet.Of(description, Shape, pixels, [.. Labels.Select(label => (byte)label)]);
    }

    private byte[] Kept(byte[] pixels, ImageEntry[] all)
    {
        var size = (int)Shape.Size;
        var kept = new byte[Count * size];
        for (int from = 0, to = 0; to < Count; from++)
            if (all[from].Name == _chosen.Images[to].Name)
                pixels.AsSpan(from * size, size).CopyTo(kept.AsSpan(to++ * size));
        return kept;
    }

    private StreamedImages Streamed(ImageLoading loading)
    {
        // What is found does not depend on the channels that are kept: a set that turns out to be grey is not looked through twice.
        var memory = LookMemory.Of(loading.Remembered, _files.Place,
            $"{_fit}, {Shape with { Channels = 3 }}, {_channels.Reading()}, {_background}", _chosen.Images);
        if (memory.Recall() is not { } found)
        {
            var bad = ImageLook.Run(_chosen.Images, loading, index => Decode(index, new byte[Shape.Size]));
            memory.Keep(found = new(bad, _sizes, !_isColoured));
        }
        _sizes = found.Sizes;
        RefuseBad(found.Bad, loading);
        return new StreamedImages(this, Description(loading, "") with { IsGrey = found.IsGrey }, loading.Memory);
    }

    // Under either rule what is whole but of another size is refused.
    private void RefuseBad(BadImage[] bad, ImageLoading loading)
    {
        BadImage[] refused = loading.Bad == BadImages.Refused ? bad : [.. bad.Where(image => !image.IsDamaged)];
        var helps = loading.Bad == BadImages.Refused && bad.Any(image => image.IsDamaged);
        ImageLook.Refuse(_files.Place, Count, refused, helps ? loading.Advice : loading.SizeAdvice);
        var names = bad.Select(image => image.Name).ToHashSet();
        _chosen = _chosen.Without([.. _chosen.Images.Where(entry => names.Contains(entry.Name))], "that cannot be decoded");
        // A class may have gone with its images.
        _labels = null;
    }

    // In the size in which a person sees it.
    private void CountSize(ImageShape stored, DecodedImage seen)
    {
        var isAcross = seen.IsTurned && seen.Image.Width > seen.Image.Height != stored.Width > stored.Height;
        lock (_turn)
            _sizes = _sizes.With(isAcross ? new(stored.Width, stored.Height) : new(stored.Height, stored.Width), Wanted);
    }

    // What was decided about images that can be seen in more than one way.
    private string Seen => string.Join("; ", new[]
    {
        _transparent == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{_transparent} with transparency, {Transparency}"),
        _turned > 0 ? string.Create(CultureInfo.InvariantCulture, $"{_turned} rotated by EXIF orientation") : "",
    }.Where(note => note.Length > 0));

    private string Transparency =>
        _channels == ImageChannels.ColourAndAlpha ? "which is kept" : $"composited on {_background}";

    private DataDescription Description(ImageLoading loading, string seen)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(_files.Place));
        string[] notes = [.. new[] { _chosen.Sentence, seen }.Where(note => note.Length > 0)];
        var origin = notes.Length == 0 ? _files.Place : $"{_files.Place} ({string.Join("; ", notes)})";
        return new(name, loading.Split, AllLabels.Classes, origin)
        {
            LabelSource = AllLabels.Source,
            LeftOut = _chosen.Sentence,
            Seen = seen,
            Fitted = _fit is ImageFit.CentralCrop ? _sizes.Sentence(Wanted) : "",
        };
    }

    // Of the first image that can be decoded: where it is not the very first, that one is found bad later on.
    private ImageShape FirstShape(ImageLoading loading)
    {
        for (var index = 0; index < Count; index++)
            try
            {
                return _channels.Of(_fit.ShapeFor(Decoded(index)));
            }
            catch (InputException)
            {
                loading.Stopping.ThrowIfCancellationRequested();
            }
        if (loading.Bad == BadImages.Refused)
            ImageLook.Refuse(_files.Place, Count, ImageLook.Run(_chosen.Images, loading, index => Decoded(index)), loading.Advice);
        throw new InputException(_files.Place, $"no image that can be decoded among {Count}", ImageEntry.Expected);
    }

    private RgbImage Decoded(int index) =>
        ImageDecoder.Decode(NameOf(index), Content(NameOf(index), _chosen.Images[index]), _fit.LeastSide);

    private byte[] Content(string place, ImageEntry entry) =>
        entry.Fault is { } fault ? throw new InputException(place, fault, "an image file that can be opened") : _files.Read(entry);

    private string NameOf(int index) => $"{_files.Place}({_chosen.Images[index].Name})";
}
