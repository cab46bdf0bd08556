using Diffusion.Math.Values;
using Diffusion.Model.Data;
using Diffusion.Model.Files;
using Diffusion.Model.Networks;
using Diffusion.Model.Training;
using TorchSharp;

namespace Diffusion.Model.Checkpoints;

/// <summary>A model that was trained or imported, ready to be sampled from: its network, in evaluation mode, with the first average of the weights.</summary>
public sealed class TrainedModel : IDisposable
{
    private TrainedModel(string checkpoint, CheckpointHeader header, UNet network) =>
        (Checkpoint, Recipe, Updates, Network) = (checkpoint, header.Recipe, header.Updates, network);

    /// <summary>The checkpoint's folder.</summary>
    public string Checkpoint { get; }

    /// <summary>What it was trained by.</summary>
    public Recipe Recipe { get; }

    /// <summary>Updates of the weights that were made; 0 for an imported model.</summary>
    public long Updates { get; }

    /// <summary>The network, in evaluation mode, on the device that was asked for.</summary>
    public UNet Network { get; }

    /// <summary>The sizes of a picture, where the recipe says them: null for a folder of pictures that all had one size already.</summary>
    public ImageShape? Shape => (Recipe.Data.Set, Recipe.Data.Side) switch
    {
        ("mnist", _) => new(Recipe.Network.InputChannels, 28, 28),
        ("cifar10", _) => new(Recipe.Network.InputChannels, 32, 32),
        (_, { } side) => new(Recipe.Network.InputChannels, side, side),
        _ => null,
    };

    /// <summary>Number of classes that the network is asked with, or null where it is asked without a label.</summary>
    public int? Classes => Recipe.Network.Labels is { } labels && (Recipe.Labels is Conditioning.Labelled || labels.Null == NullLabel.Absent)
        ? labels.Classes
        : null;

    /// <summary>Opens the latest whole checkpoint of a run folder, or a checkpoint. The run may go on meanwhile.</summary>
    /// <param name="path">The run folder or the checkpoint's folder.</param>
    /// <param name="device">Where the network is wanted.</param>
    /// <param name="damaged">Told of each newer checkpoint that is damaged and passed over.</param>
    /// <exception cref="InputException">There is neither run nor checkpoint, or no whole checkpoint.</exception>
    /// <exception cref="InvalidFileException">The checkpoint is damaged, or its weights are of another network.</exception>
    public static TrainedModel Open(string path, torch.Device device, Action<string> damaged)
    {
        var folder = Find(path, damaged);
        var header = Checkpoints.Checkpoint.Read(folder);
        var network = new UNet(header.Recipe.Network, new Seed(0));
        try
        {
            Checkpoints.Checkpoint.LoadAverage(network, folder, 0);
            network.to(device);
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
    public void Dispose() => Network.Dispose();

    private static string Find(string path, Action<string> damaged)
    {
        const string expected = "the folder of a run or of a checkpoint";
        if (File.Exists(Path.Combine(path, Checkpoints.Checkpoint.HeaderName)))
            return path;
        if (!Directory.Exists(path))
            throw new InputException(path, File.Exists(path) ? "a file" : "nothing there", expected);
        var store = Path.Combine(path, CheckpointStore.FolderName);
        return Directory.Exists(store)
            ? new CheckpointStore(store).Latest(damaged) ?? throw new InputException(path, "a run without a whole checkpoint", expected)
            : throw new InputException(path, "a folder without checkpoints", expected);
    }
}
