using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
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
    public ImageShape? Shape => Recipe.Data.ShapeOf(Recipe.Network.InputChannels);

    /// <summary>Number of classes that the network is asked with, or null where it is asked without a label.</summary>
    public int? Classes => Recipe.Network.Labels is { } labels && (Recipe.Labels is Conditioning.Labelled || labels.Null == NullLabel.Absent)
        ? labels.Classes
        : null;

    /// <summary>Opens the latest whole checkpoint of a run folder, or a checkpoint. The run may go on meanwhile.</summary>
    /// <param name="path">The run folder or the checkpoint's folder.</param>
    /// <param name="device">Where the network is wanted.</param>
    /// <param name="damaged">Told of each newer checkpoint that is damaged and passed over.</param>
    /// <exception cref="InputException">There is neither run nor checkpoint, or no whole checkpoint, or it is that of a classifier.</exception>
    /// <exception cref="InvalidFileException">The checkpoint is damaged, or its weights are of another network.</exception>
    public static TrainedModel Open(string path, torch.Device device, Action<string> damaged)
    {
        var (folder, header) = CheckpointPlace.Find(path, damaged);
        if (header.Recipe.Goal is not Goal.Denoise)
            throw new InputException(path, "a classifier, which makes no pictures", "a model that samples can be drawn from");
        var network = new UNet(header.Recipe.Network, new Seed(0));
        try
        {
            Checkpoints.Checkpoint.LoadAverage(network, folder, 0);
            network.to(device);
            network.Arrange(header.Recipe.Layout, device);
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
}
