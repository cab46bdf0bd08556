using Diffusion.Host.CommandLine;
using Diffusion.Host.Downloads;
using Diffusion.Host.Training;
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
    // A pass sees every picture once: what is kept besides would only make memory grow with their number.
    private const long Memory = 64 << 20;

    /// <summary>Opens a place.</summary>
    /// <exception cref="InputException">There is nothing to measure, or it is damaged.</exception>
    public OpenedPlace Open(PicturePlace place)
    {
        if (place.Dataset is { } dataset)
            return OpenDataset(dataset, place);
        if (Directory.Exists(place.Word))
            return OpenFolder(place);
        if (!File.Exists(place.Word))
            throw new InputException(place.Word, "nothing there", "cifar10, mnist, or a folder, zip or npz file of pictures, or an npz file of statistics");
        return Path.GetExtension(place.Word).ToLowerInvariant() switch
        {
            Npz.Extension => OpenArrays(place.Word),
            ".zip" => new OpenedPlace.Pictures(ImageArchive.Open(place.Word, Loading(place.Split)), place.Word),
            var ending => throw new InputException(place.Word, $"a file ending in '{ending}'", "a folder, or a file ending in .zip or .npz"),
        };
    }

    private OpenedPlace.Pictures OpenDataset(Dataset dataset, PicturePlace place)
    {
        using var client = Downloader.NewClient();
        var locator = new DataLocator(CacheFolder.Default, new(client, Patience.Default, new DownloadLines(session)));
        var request = new DataRequest(dataset, options.Data, options.Network);
        var located = locator.Locate(request, session.Stopping).GetAwaiter().GetResult();
        session.Say(located.Line);
        var (wanted, other) = place.Split == Split.Train ? (located.Train, located.Test) : (located.Test, located.Train);
        other?.Dispose();
        return wanted is null
            ? throw new InputException(options.Data ?? place.Word, $"no {place.Split.ToString().ToLowerInvariant()} part", $"one of {dataset.Name}")
            : new(wanted, place.ToString());
    }

    private OpenedPlace OpenFolder(PicturePlace place)
    {
        if (IsRun(place.Word))
            return OpenRun(place.Word);
        foreach (var dataset in new[] { Dataset.Cifar10, Dataset.Mnist })
            if (dataset.IsIn(place.Word, place.Split))
                return new OpenedPlace.Pictures(dataset.Read(place.Word, place.Split), place.ToString());
        return new OpenedPlace.Pictures(ImageFolder.Open(place.Word, Loading(place.Split)), place.Word);
    }

    private static bool IsRun(string path) =>
        File.Exists(Path.Combine(path, Checkpoint.HeaderName)) || Directory.Exists(Path.Combine(path, CheckpointStore.FolderName));

    private OpenedPlace.Samples OpenRun(string path)
    {
        var model = TrainedModel.Open(path, device, damage => session.Warn($"{damage}; the checkpoint before it is used"));
        try
        {
            return new(model, new(model, options.Samples), options.Count ?? model.Recipe.Evaluation.FinalSamples, path);
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
            throw new InputException(path, damage.Message, "statistics or pictures in .npz format", damage);
        }
        return isStatistics
            ? new OpenedPlace.Statistics(StatisticsFile.Read(path), path)
            : new OpenedPlace.Pictures(PictureArray.Read(path), path);
    }

    private ImageLoading Loading(Split split) => new(split, new ImageFit.Unchanged(), Memory) { Bad = options.Bad };
}
