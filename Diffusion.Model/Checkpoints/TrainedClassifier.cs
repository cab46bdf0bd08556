using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using TorchSharp;

namespace Diffusion.Model.Checkpoints;

/// <summary>
/// A classifier of noisy images that was trained, ready to steer a sampler: its network, in evaluation mode, with the first average of
/// the weights.
/// </summary>
public sealed class TrainedClassifier : IDisposable
{
    private TrainedClassifier(string checkpoint, CheckpointHeader header, NoisyClassifier network) =>
        (Checkpoint, Recipe, Updates, WeightsSha256, Network) = (
            checkpoint, header.Recipe, header.Updates,
            header.Files.First(file => file.Name == Checkpoints.Checkpoint.EmaName(0)).Sha256, network);

    /// <summary>The checkpoint's folder.</summary>
    public string Checkpoint { get; }

    /// <summary>What it was trained by.</summary>
    public Recipe Recipe { get; }

    /// <summary>Updates of the weights that were made.</summary>
    public long Updates { get; }

    /// <summary>Hash of the file of its weights, 64 hexadecimal digits.</summary>
    public string WeightsSha256 { get; }

    /// <summary>The network, in evaluation mode, on the device that was asked for. Its parameters ask for no gradients.</summary>
    public NoisyClassifier Network { get; }

    /// <summary>The sizes of an image, where the recipe says them.</summary>
    public ImageShape? Shape => Recipe.Data.ShapeOf(Recipe.Network.InputChannels);

    /// <summary>Opens the latest whole checkpoint of a run folder, or a checkpoint.</summary>
    /// <param name="path">The run folder or the checkpoint's folder.</param>
    /// <param name="device">Where the network is wanted.</param>
    /// <param name="damaged">Called with each newer checkpoint that is damaged and skipped.</param>
    /// <exception cref="InputException">
    /// There is neither run nor checkpoint, or no whole checkpoint, or it is that of no classifier.
    /// </exception>
    /// <exception cref="InvalidFileException">The checkpoint is damaged, or its weights are of another network.</exception>
    public static TrainedClassifier Open(string path, torch.Device device, Action<string> damaged)
    {
        var (folder, header) = CheckpointPlace.Find(path, damaged);
        if (header.Recipe.Goal is not Goal.Classify goal)
            throw new InputException(
                path, "a model that makes images", "a classifier of noisy images, such as the recipe mnist-classifier trains");
        // The encoding half has more than a fifth of the weights of the whole network.
        if (header.Recipe.Network.Weights() > 10.0 * Checkpoints.Checkpoint.MostWeights(folder, 0) + (1 << 18))
            throw new InvalidFileException(folder, 0, "the recipe describes a larger network than the weights are of");
        var network = NoisyClassifier.Unfilled(goal.Shape(header.Recipe));
        try
        {
            Checkpoints.Checkpoint.LoadEma(network, folder, 0);
            network.to(device);
            // It steers in float32, whatever it was trained in.
            network.Arrange((header.Recipe with { Precision = Precision.Float32 }).LayoutOn(device.type));
            network.eval();
            foreach (var parameter in network.parameters())
                parameter.requires_grad_(false);
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
