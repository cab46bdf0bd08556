using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;
using TorchSharp;

namespace Diffusion.Model.Checkpoints;

/// <summary>
/// A model that was trained or imported, ready to be sampled from: its network, in evaluation mode, with the first average of the
/// weights.
/// </summary>
public sealed class TrainedModel : IDisposable
{
    private readonly bool _owns;

    private TrainedModel(string checkpoint, CheckpointHeader header, UNet network)
    {
        (_owns, Checkpoint, Recipe, Updates, Network) = (true, checkpoint, header.Recipe, header.Updates, network);
        WeightsSha256 = header.Files.First(file => file.Name == Checkpoints.Checkpoint.EmaName(0)).Sha256;
        Shape = Recipe.Data.ShapeOf(Recipe.Network.InputChannels);
    }

    private TrainedModel(TrainingRun run, UNet network, ImageShape shape) =>
        (Recipe, Updates, Network, Shape) = (run.Recipe, run.Updates, network, shape);

    /// <summary>The checkpoint's folder; null for a run in training.</summary>
    public string? Checkpoint { get; }

    /// <summary>Hash of the file of its weights, 64 hexadecimal digits; null for a run in training.</summary>
    public string? WeightsSha256 { get; }

    /// <summary>What it was trained by.</summary>
    public Recipe Recipe { get; }

    /// <summary>Updates of the weights that were made; 0 for an imported model.</summary>
    public long Updates { get; }

    /// <summary>The network, in evaluation mode, on the device that was asked for.</summary>
    public UNet Network { get; }

    /// <summary>The sizes of an image, where the recipe says them: null for a folder of images that all had one size already.</summary>
    public ImageShape? Shape { get; }

    /// <summary>Where the network is.</summary>
    public torch.Device Device => Network.parameters().First().device;

    /// <summary>Number of classes that the network is asked with, or null where it is asked without a label.</summary>
    public int? Classes =>
        Recipe.Network.Labels is { } labels && (Recipe.Labels is Conditioning.Labelled || labels.Null == NullLabel.Absent)
            ? labels.Classes
            : null;

    /// <summary>A run in training with the first average of its weights: while <paramref name="use"/> runs, and no longer.</summary>
    /// <param name="run">The run, which stays the caller's and is left as it is.</param>
    /// <param name="shape">The sizes of its images.</param>
    /// <param name="use">What is done with the model.</param>
    /// <exception cref="InvalidCastException">The run trains another kind of network.</exception>
    public static T OfRun<T>(TrainingRun run, ImageShape shape, Func<TrainedModel, T> use) =>
        run.WithEma(0, (UNet network) => use(new(run, network, shape)));

    /// <summary>Opens the latest whole checkpoint of a run folder, or a checkpoint. The run may go on meanwhile.</summary>
    /// <param name="path">The run folder or the checkpoint's folder.</param>
    /// <param name="device">Where the network is wanted.</param>
    /// <param name="damaged">Called with each newer checkpoint that is damaged and skipped.</param>
    /// <exception cref="InputException">
    /// There is neither run nor checkpoint, or no whole checkpoint, or it is that of a classifier.
    /// </exception>
    /// <exception cref="InvalidFileException">The checkpoint is damaged, or its weights are of another network.</exception>
    public static TrainedModel Open(string path, torch.Device device, Action<string> damaged)
    {
        var (folder, header) = CheckpointPlace.Find(path, damaged);
        if (header.Recipe.Goal is not Goal.Denoise)
            throw new InputException(path, "a classifier, which makes no images", "a model that samples can be drawn from");
        // A header may describe what is not in the files beside it, and does not fit into memory.
        if (header.Recipe.Network.Weights() > 1.1 * Checkpoints.Checkpoint.MostWeights(folder, 0) + (1 << 18))
            throw new InvalidFileException(folder, 0, "the recipe describes a larger network than the weights are of");
        var network = UNet.Unfilled(header.Recipe.Network);
        try
        {
            Checkpoints.Checkpoint.LoadEma(network, folder, 0);
            network.to(device);
            network.Arrange(header.Recipe.LayoutOn(device.type));
            network.eval();
            return new(folder, header, network);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_owns)
            Network.Dispose();
    }
}
