using Diffusion.Model.Files;
using Diffusion.Model.Images;
using static TorchSharp.torch;

namespace Diffusion.Model.Datasets;

/// <summary>Images that are looked at one by one, to be checked: files, or those of a data set.</summary>
internal interface ICheckedImages
{
    /// <summary>How many, broken ones among them.</summary>
    int Count { get; }

    /// <summary>What a person calls one.</summary>
    string NameOf(int index);

    /// <summary>The name of its class; null where there are none, or where the labels cannot be read.</summary>
    string? ClassOf(int index);

    /// <summary>Where the classes are from, or why there are none.</summary>
    string LabelText { get; }

    /// <summary>What is wrong with the labels as a whole; null where nothing is.</summary>
    string? LabelFault { get; }

    /// <summary>Which files are left out, and why; empty where none is.</summary>
    IReadOnlyList<string> LeftOut { get; }

    /// <summary>Decodes one as a person sees it; any thread may ask.</summary>
    /// <exception cref="InputException">It cannot be.</exception>
    DecodedImage Look(int index);
}

/// <summary>The image files of a part of a place.</summary>
internal sealed class CheckedFiles : ICheckedImages
{
    private readonly IImageFiles _files;
    private readonly ImageChannels _channels;
    private readonly ChosenFiles _chosen;
    private readonly FileLabels? _labels;

    /// <summary>Finds the files of a part; they stay the caller's to close.</summary>
    /// <exception cref="InputException">There is none.</exception>
    public CheckedFiles(IImageFiles files, Split split, ImageChannels channels)
    {
        (_files, _channels) = (files, channels);
        _chosen = ChosenFiles.Of(files, new(split, new ImageFit.Unchanged()));
        try
        {
            _labels = FileLabels.Of(files, _chosen);
        }
        catch (InputException trouble)
        {
            LabelFault = $"{trouble.Found}; expected {trouble.Expected}";
        }
    }

    public int Count => _chosen.Images.Length;

    public string LabelText => _labels?.Source ?? "no labels";

    public string? LabelFault { get; }

    public IReadOnlyList<string> LeftOut => _chosen.LeftOut;

    public string NameOf(int index) => _chosen.Images[index].Name;

    public string? ClassOf(int index) => _labels is { Classes.Count: > 1 } labels ? labels.Classes[labels.Numbers[index]] : null;

    public DecodedImage Look(int index)
    {
        var entry = _chosen.Images[index];
        var place = $"{_files.Place}({entry.Name})";
        return entry.Fault is { } fault ? throw new InputException(place, fault, "an image file that can be opened")
            : ImageDecoder.Decode(place, _files.Read(entry), _channels.Reading());
    }
}

/// <summary>The images of a part of a data set.</summary>
/// <param name="source">The images; not owned.</param>
internal sealed class CheckedSource(IImageSource source) : ICheckedImages
{
    private readonly Provenance _provenance = source.Provenance;

    public int Count => _provenance.Count;

    public string LabelText => _provenance.Description.LabelSource is { Length: > 0 } source
        ? source : $"{_provenance.Description.ClassNames.Count} classes";

    public string? LabelFault => null;

    public IReadOnlyList<string> LeftOut => [];

    public string NameOf(int index) =>
        FormattableString.Invariant($"{_provenance.Description.Split.ToString().ToLowerInvariant()} #{index}");

    public string? ClassOf(int index) =>
        _provenance.Description.ClassNames is { Count: > 1 } names ? names[(int)source.LabelOf(index)] : null;

    public DecodedImage Look(int index)
    {
        using var scope = NewDisposeScope();
        var image = Pixels.ToImages(source.Select([index]).Pixels)[0];
        return new(image, image.Alpha.AsSpan().ContainsAnyExcept(byte.MaxValue), IsTurned: false);
    }
}
