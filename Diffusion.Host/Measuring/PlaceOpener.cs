using Diffusion.Host.CommandLine;
using Diffusion.Host.Downloads;
using Diffusion.Host.Models;
using Diffusion.Host.Training;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.Files;
using TorchSharp;

namespace Diffusion.Host.Measuring;

/// <summary>Opens what a person named: a data set, which may have to be downloaded, or whatever is at a path.</summary>
/// <param name="session">Who is talked to.</param>
/// <param name="options">What was asked for.</param>
/// <param name="device">Where networks run that draw samples.</param>
internal sealed class PlaceOpener(Session session, MeasuringOptions options, torch.Device device)
{
    /// <summary>Refuses a place where there is nothing, before anything is opened or downloaded for another.</summary>
    /// <exception cref="InputException">There is nothing of the kind that can be opened.</exception>
    public static void RefuseAbsent(ImagePlace place)
    {
        if (place.Dataset is null)
            EvaluationInput.RefuseAbsent(
                CarriedModels.Resolve(place.Word),
                $"{Dataset.Names}, or a folder, zip or npz file of images, or an npz file of statistics");
    }

    /// <summary>Opens a place.</summary>
    /// <param name="place">The place.</param>
    /// <param name="sizes">Whether its images may differ in size.</param>
    /// <exception cref="InputException">There is nothing to measure, or it is damaged.</exception>
    public EvaluationInput Open(ImagePlace place, ImageSizes sizes)
    {
        RefuseAbsent(place);
        var path = CarriedModels.Resolve(place.Word);
        return place.Dataset is { } named ? OpenDataset(named, place)
            : EvaluationInput.Open(path, Opening(place.Split, sizes)) with { Name = CarriedModels.NameOf(path) };
    }

    private EvaluationInput.OfOneSize OpenDataset(Dataset dataset, ImagePlace place)
    {
        using var client = Downloader.NewClient();
        var locator = new DataLocator(CacheFolder.Default, new(client, Patience.Default, new DownloadLines(session)));
        var request = new DataRequest(dataset, options.Data, options.Downloads);
        var located = locator.Locate(request, session.Stopping).GetAwaiter().GetResult();
        session.Say(located.Line);
        var (wanted, other) = place.Split == Split.Train ? (located.Train, located.Test) : (located.Test, located.Train);
        other?.Dispose();
        return wanted is null
            ? throw new InputException(
                options.Data ?? place.Word, $"no {place.Split.ToString().ToLowerInvariant()} part", $"one of {dataset.Title}")
            : new(wanted, place.ToString());
    }

    private InputOpening Opening(Split split, ImageSizes sizes)
    {
        var usual = new InputOpening();
        return usual with
        {
            Sizes = sizes,
            Loading = usual.Loading with
            {
                Split = split,
                Bad = options.Bad,
                Channels = options.Channels,
                Advice = "--skip-bad skips those that cannot",
                Remembered = CacheFolder.Default["images"],
                Stopping = session.Stopping,
            },
            Samples = options.Samples,
            Count = options.Count,
            Device = device,
            Damaged = session.Warn,
            LeftOut = session.Warn,
        };
    }
}
