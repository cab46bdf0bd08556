using Diffusion.Model.Files;
using Diffusion.Model.Images;

namespace Diffusion.Model.Datasets;

/// <summary>A place whose images are checked: image files, or a pack.</summary>
internal abstract class CheckedPlace : IDisposable
{
    /// <summary>The training images, or all where there are no parts.</summary>
    public abstract ICheckedImages Train { get; }

    /// <summary>The test images; null where there are none.</summary>
    public abstract ICheckedImages? Test { get; }

    /// <summary>Opens a place.</summary>
    /// <param name="place">The folder, archive or pack.</param>
    /// <param name="channels">What is looked at of image files; a pack has its channels.</param>
    /// <exception cref="InputException">There are no images.</exception>
    public static CheckedPlace Of(string place, ImageChannels channels) =>
        ImagePack.IsAt(place) ? new Packed(place) : new Filed(ImageSources.FilesOf(place), channels);

    /// <summary>What is wrong with the place as a whole.</summary>
    /// <param name="found">What is wrong with its images.</param>
    /// <param name="stopping">Ends it early.</param>
    public virtual IEnumerable<ImageFault> Faults(IReadOnlyCollection<ImageFault> found, CancellationToken stopping) => [];

    /// <inheritdoc/>
    public abstract void Dispose();

    private sealed class Filed(IImageFiles files, ImageChannels channels) : CheckedPlace
    {
        public override ICheckedImages Train { get; } = new CheckedFiles(files, Split.Train, channels);

        public override ICheckedImages? Test { get; } = TestOf(files, channels);

        public override void Dispose() => files.Dispose();

        private static CheckedFiles? TestOf(IImageFiles files, ImageChannels channels)
        {
            try
            {
                return new(files, Split.Test, channels);
            }
            catch (InputException)
            {
                return null;
            }
        }
    }

    private sealed class Packed : CheckedPlace
    {
        private readonly TrainingData _data;

        public Packed(string path)
        {
            _data = ImagePack.OpenAll(path);
            Train = new CheckedSource(_data.Train);
            Test = _data.Test is { } test ? new CheckedSource(test) : null;
        }

        public override ICheckedImages Train { get; }

        public override ICheckedImages? Test { get; }

        // The images have their checksums where none is broken; that all of it is what was packed, only the whole hash shows.
        public override IEnumerable<ImageFault> Faults(IReadOnlyCollection<ImageFault> found, CancellationToken stopping) => found.Count > 0
            ? []
            : new[] { _data.Train, _data.Test }.OfType<PackedImages>()
                .Select(part => (part.Provenance.Description, Fault: part.Fault(stopping)))
                .Where(part => part.Fault is not null)
                .Select(part => new ImageFault($"all of {part.Description.Split.ToString().ToLowerInvariant()}", part.Fault!));

        public override void Dispose() => _data.Dispose();
    }
}
