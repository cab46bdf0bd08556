using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Numpy;
using Diffusion.Model.Images;
using Diffusion.Model.Sampling;
using static TorchSharp.torch;

namespace Diffusion.Model.Evaluation;

public abstract partial record EvaluationInput
{
    /// <summary>
    /// Opens a folder or an archive of image files, a pack, a folder of a data set's own files, a run folder or a checkpoint, or an npz
    /// file of images or of statistics.
    /// </summary>
    /// <param name="path">Where it is.</param>
    /// <param name="opening">How; each image of its own size without it.</param>
    /// <exception cref="InputException">There is nothing to measure, or it is damaged.</exception>
    public static EvaluationInput Open(string path, InputOpening? opening = null)
    {
        RefuseAbsent(path, "a folder, zip or npz file of images, a run, or an npz file of statistics");
        opening ??= new();
        return IsRun(path) ? OfRun(path, opening)
            : IsArrays(path) ? OfArrays(path)
            : Directory.Exists(path) && Dataset.In(path, opening.Loading.Split) is { } dataset
                ? OfDataset(dataset, path, opening.Loading.Split)
            : OfFiles(path, opening);
    }

    /// <summary>Refuses a place where there is nothing of the kind that can be opened.</summary>
    /// <param name="path">The place.</param>
    /// <param name="expected">What could be there.</param>
    /// <exception cref="InputException">It is such a place.</exception>
    public static void RefuseAbsent(string path, string expected)
    {
        if (Directory.Exists(path))
            return;
        if (!File.Exists(path))
            throw new InputException(path, "no such file or folder", expected);
        if (Ending(path) is not Npz.Extension && !ImageArchive.IsNamed(path) && !ImagePack.IsAt(path))
            throw new InputException(path, $"a file ending in '{Ending(path)}'", "a folder, or a file ending in .zip, .tar, .pack or .npz");
    }

    private static bool IsRun(string path) =>
        File.Exists(Path.Combine(path, Checkpoint.HeaderName)) || Directory.Exists(Path.Combine(path, CheckpointStore.FolderName));

    private static bool IsArrays(string path) => !Directory.Exists(path) && !ImageArchive.IsNamed(path) && !ImagePack.IsAt(path);

    private static string Ending(string path) => Path.GetExtension(path).ToLowerInvariant();

    private static OfOneSize OfDataset(Dataset dataset, string path, Split split) =>
        new(dataset.Read(path, split), $"{path}:{split.ToString().ToLowerInvariant()}");

    private static OfModel OfRun(string path, InputOpening opening)
    {
        var model = TrainedModel.Open(path, opening.Device, opening.Damaged);
        try
        {
            var count = opening.Count ?? model.Recipe.Evaluation.CountAt(model.Updates, model.Recipe.Length);
            return new(new(model, opening.Samples), count, path) { Owned = model };
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static EvaluationInput OfArrays(string path)
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
        return isStatistics ? new Statistics(StatisticsFile.Read(path), path) : new OfOneSize(ImageArray.Read(path), path);
    }

    private static EvaluationInput OfFiles(string path, InputOpening opening)
    {
        var isFolder = Directory.Exists(path);
        // The images of a pack have one size.
        if (opening.Sizes == ImageSizes.One || ImagePack.IsAt(path))
        {
            var set = ImageSources.Open(path, opening.Loading);
            Tell(set.Provenance.Description.LeftOut);
            return new OfOneSize(set, path);
        }
        var images = isFolder ? ImagesOfAnySize.Folder(path, opening.Loading) : ImagesOfAnySize.Archive(path, opening.Loading);
        Tell(images.LeftOut);
        return new OfAnySize(images, path);

        // A number without a word would be taken for one of all the files.
        void Tell(string left)
        {
            if (left.Length > 0)
                opening.LeftOut($"{path}: {left}");
        }
    }
}

/// <summary>How what is measured is opened.</summary>
public sealed record InputOpening
{
    // A pass sees every image once: what is kept besides would only make memory grow with their number.
    private const long Memory = 64 << 20;

    /// <summary>Whether the images of a folder or an archive may differ in size.</summary>
    public ImageSizes Sizes { get; init; }

    /// <summary>How image files become images.</summary>
    public ImageLoading Loading { get; init; } = new(Split.Train, new ImageFit.Unchanged(), Memory);

    /// <summary>How samples of a run are drawn.</summary>
    public SamplingRequest Samples { get; init; } = new();

    /// <summary>How many samples of a run are drawn; at least 1. Null for as many as its last evaluation drew.</summary>
    public int? Count { get; init; }

    /// <summary>Where a run's network is computed.</summary>
    public Device Device { get; init; } = CPU;

    /// <summary>Called with each newer checkpoint that is damaged and skipped.</summary>
    public Action<string> Damaged { get; init; } = _ => { };

    /// <summary>Called with the files that are left out, and why.</summary>
    public Action<string> LeftOut { get; init; } = _ => { };
}

/// <summary>Whether images may differ in size.</summary>
public enum ImageSizes
{
    /// <summary>They may: each is brought to the network's size on its own.</summary>
    Any,

    /// <summary>They must not.</summary>
    One,
}
