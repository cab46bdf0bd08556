using Diffusion.Host.CommandLine;
using Diffusion.Host.Downloads;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Numpy;
using Diffusion.Model.Images;
using TorchSharp;

namespace Diffusion.Host.Measuring;

/// <summary>Finds out what is at a place and opens it.</summary>
/// <param name="session">Who is talked to.</param>
/// <param name="options">What was asked for.</param>
/// <param name="device">Where networks run that draw samples.</param>
internal sealed class PlaceOpener(Session session, MeasuringOptions options, torch.Device device)
{
    // A pass sees every image once: what is kept besides would only make memory grow with their number.
    private const long Memory = 64 << 20;

    private const string Archive = ".zip";

    /// <summary>Refuses a place where there is nothing, before anything is opened or downloaded for another.</summary>
    /// <exception cref="InputException">There is nothing of the kind that can be opened.</exception>
    public static void RefuseAbsent(ImagePlace place)
    {
        if (place.Dataset is not null || Directory.Exists(place.Word))
            return;
        if (!File.Exists(place.Word))
            throw new InputException(place.Word, "no such file or folder",
                $"{Dataset.Names}, or a folder, zip or npz file of images, or an npz file of statistics");
        if (Ending(place) is not (Npz.Extension or Archive))
            throw new InputException(place.Word, $"a file ending in '{Ending(place)}'", "a folder, or a file ending in .zip or .npz");
    }

    /// <summary>Opens a place whose images all have one size.</summary>
    /// <exception cref="InputException">There is nothing to measure, or it is damaged.</exception>
    public OpenedPlace Open(ImagePlace place) => Open(place,
        () => Told(ImageFolder.Open(place.Word, Loading(place.Split)), place.Word),
        () => Told(ImageArchive.Open(place.Word, Loading(place.Split)), place.Word));

    /// <summary>Opens a place of images that are looked at one by one, each of its own size.</summary>
    /// <exception cref="InputException">There is nothing to measure, or it is damaged.</exception>
    public OpenedPlace OpenEach(ImagePlace place) => Open(place,
        () => Told(ImagesOfAnySize.Folder(place.Word, Loading(place.Split)), place.Word),
        () => Told(ImagesOfAnySize.Archive(place.Word, Loading(place.Split)), place.Word));

    private OpenedPlace Open(ImagePlace place, Func<OpenedPlace> openFolder, Func<OpenedPlace> openArchive)
    {
        RefuseAbsent(place);
        return place.Dataset is { } dataset ? OpenDataset(dataset, place)
            : Directory.Exists(place.Word) ? OpenFolder(place, openFolder)
            : Ending(place) == Archive ? openArchive()
            : OpenArrays(place.Word);
    }

    private static string Ending(ImagePlace place) => Path.GetExtension(place.Word).ToLowerInvariant();

    private OpenedPlace.OfOneSize OpenDataset(Dataset dataset, ImagePlace place)
    {
        using var client = Downloader.NewClient();
        var locator = new DataLocator(CacheFolder.Default, new(client, Patience.Default, new DownloadLines(session)));
        var request = new DataRequest(dataset, options.Data, options.Downloads);
        var located = locator.Locate(request, session.Stopping).GetAwaiter().GetResult();
        session.Say(located.Line);
        var (wanted, other) = place.Split == Split.Train ? (located.Train, located.Test) : (located.Test, located.Train);
        other?.Dispose();
        return wanted is null
            ? throw new InputException(options.Data ?? place.Word, $"no {place.Split.ToString().ToLowerInvariant()} part", $"one of {dataset.Title}")
            : new(wanted, place.ToString());
    }

    private OpenedPlace OpenFolder(ImagePlace place, Func<OpenedPlace> openFolder)
    {
        if (IsRun(place.Word))
            return OpenRun(place.Word);
        return Dataset.In(place.Word, place.Split) is { } dataset
            ? new OpenedPlace.OfOneSize(dataset.Read(place.Word, place.Split), place.ToString())
            : openFolder();
    }

    private static bool IsRun(string path) =>
        File.Exists(Path.Combine(path, Checkpoint.HeaderName)) || Directory.Exists(Path.Combine(path, CheckpointStore.FolderName));

    private OpenedPlace.Samples OpenRun(string path)
    {
        var model = TrainedModel.Open(path, device, damage => session.Warn($"{damage}; using the previous checkpoint"));
        try
        {
            var count = options.Count ?? model.Recipe.Evaluation.CountAt(model.Updates, model.Recipe.Length);
            return new(model, new(model, options.Samples), count, path);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static OpenedPlace OpenArrays(string path)
    {
        bool isStatistics;
        try
        {
            using var file = Npz.Open(path);
            isStatistics = StatisticsFile.Holds(file);
        }
        catch (InvalidFileException damage)
        {
            throw new InputException(path, damage.Message, "statistics or images in .npz format", damage);
        }
        return isStatistics
            ? new OpenedPlace.Statistics(StatisticsFile.Read(path), path)
            : new OpenedPlace.OfOneSize(ImageArray.Read(path), path);
    }

    private ImageLoading Loading(Split split) => new(split, new ImageFit.Unchanged(), Memory)
    {
        Bad = options.Bad,
        Advice = "--skip-bad skips those that cannot",
        Remembered = CacheFolder.Default["images"],
        Stopping = session.Stopping,
    };

    // A number without a word would be taken for one of all the files.
    private OpenedPlace.OfOneSize Told(IImageSource images, string name)
    {
        Tell(images.Provenance.Description.LeftOut, name);
        return new(images, name);
    }

    private OpenedPlace.OfAnySize Told(ImagesOfAnySize images, string name)
    {
        Tell(images.LeftOut, name);
        return new(images, name);
    }

    private void Tell(string left, string name)
    {
        if (left.Length > 0)
            session.Warn($"{name}: {left}");
    }
}
