using Diffusion.Model.Files;
using Diffusion.Model.Images;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.FeatureNetworks;

/// <summary>Turns images into feature vectors and class logits, always in the same way.</summary>
public sealed class FeatureExtractor : IDisposable
{
    private readonly NetworkWeights _weights;
    private readonly FoldedConvolver? _folded;
    private readonly FeatureNetwork _network;
    private readonly IImagePreparation _preparation;
    private readonly Device _device;

    private FeatureExtractor(ExtractorIdentity identity, NetworkWeights weights, IImagePreparation preparation, Device device)
    {
        (Identity, _weights, _preparation, _device) = (identity, weights, preparation, device);
        _folded = identity.Arithmetic == FeatureArithmetic.Float32 ? new(_weights) : null;
        _network = new(_weights, _folded is null ? new PlainConvolver(_weights.Tensors, BatchStatistics.Frozen) : _folded);
    }

    /// <summary>What its features depend on.</summary>
    public ExtractorIdentity Identity { get; }

    /// <summary>Length of a feature vector.</summary>
    public int Dimension => (int)_weights.Shape.Dimensions[^1];

    /// <summary>How image files are decoded for it.</summary>
    public ImageReading Reading => _preparation.Reading;

    /// <summary>The only shape of images that it takes; null where it resizes.</summary>
    public ImageShape? Images => _preparation.Images;

    /// <summary>Number of class logits.</summary>
    public int Classes => (int)_weights.Shape.Classes;

    /// <summary>Images that are best taken at once: enough to keep a processor busy, few enough for its caches and memory.</summary>
    public int BatchSize => _weights.Shape == InceptionV3.Shape ? 32 : 256;

    /// <summary>The Inception network of the FID.</summary>
    /// <param name="path">Its weights, a <c>.pth</c> or a safetensors file.</param>
    /// <param name="protocol">How images are prepared.</param>
    /// <param name="arithmetic">In which numbers.</param>
    /// <param name="device">Where.</param>
    /// <param name="transparency">What becomes of alpha.</param>
    /// <exception cref="InputException">The file is missing, damaged, or belongs to another network.</exception>
    public static FeatureExtractor Inception(
        string path, InceptionProtocol protocol, FeatureArithmetic arithmetic, Device device,
        Transparency transparency = Transparency.AsPrepared)
    {
        using var file = NetworkFile.Open(path, InceptionV3.Shape);
        return Of(file, OverWhitePreparation.Of(protocol, transparency), arithmetic, device);
    }

    /// <summary>The Inception network of the FID, on the CPU, as pytorch-fid prepares images for it.</summary>
    /// <inheritdoc cref="Inception(string, InceptionProtocol, FeatureArithmetic, Device, Transparency)"/>
    public static FeatureExtractor Inception(string path) =>
        Inception(path, new InceptionProtocol.PytorchFid(), FeatureArithmetic.Float32, CPU);

    /// <summary>The network for 1×28×28 digits that this library carries.</summary>
    public static FeatureExtractor LeNet(Device device) => Small(SmallNetwork.LeNet, device);

    /// <summary>The network for 3×32×32 photographs that this library carries.</summary>
    public static FeatureExtractor CifarNet(Device device) => Small(SmallNetwork.CifarNet, device);

    /// <summary>A small network that this library carries; <see cref="SmallNetwork.For"/> says which suits images.</summary>
    /// <param name="network">The network.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="transparency">What becomes of alpha.</param>
    public static FeatureExtractor Small(SmallNetwork network, Device device, Transparency transparency = Transparency.AsPrepared)
    {
        ArgumentNullException.ThrowIfNull(network);
        using var file = NetworkFile.Embedded(network.Shape);
        return Of(file, OverWhitePreparation.Of(new PlainPreparation(network.Images), transparency), FeatureArithmetic.Float32, device);
    }

    /// <summary>A small network with weights of one's own, such as <see cref="FeatureTraining"/> has made.</summary>
    /// <param name="path">A safetensors file.</param>
    /// <param name="shape">The network.</param>
    /// <param name="images">The images it takes.</param>
    /// <param name="device">Where it runs.</param>
    public static FeatureExtractor FromFile(string path, FeatureNetworkShape shape, ImageShape images, Device device)
    {
        using var file = NetworkFile.Open(path, shape);
        return Of(file, new PlainPreparation(images), FeatureArithmetic.Float32, device);
    }

    /// <summary>The features of a batch of images.</summary>
    /// <param name="bytes">uint8 [N, C, H, W], on any device.</param>
    /// <returns>Features and logits, on the extractor's device; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">The images are not of the kind it takes.</exception>
    public FeatureBatch Extract(Tensor bytes) => Extract([bytes]);

    /// <summary>The features of a batch of images that may differ in size.</summary>
    /// <param name="pieces">uint8 [N, C, H, W] each, on any device; at least one.</param>
    /// <returns>Features and logits of all, in order, on the extractor's device; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">The images are not of the kind it takes.</exception>
    public FeatureBatch Extract(IReadOnlyList<Tensor> pieces)
    {
        using var gradients = no_grad();
        using var exact = new ExactProducts(_device);
        using var scope = NewDisposeScope();
        var prepared = pieces.Count == 1 ? Prepared(pieces[0]) : cat([.. pieces.Select(Prepared)]);
        var features = _network.Run(prepared);
        return new(
            features.Values.MoveToOuterDisposeScope(), features.Logits.MoveToOuterDisposeScope(),
            features.UnbiasedLogits.MoveToOuterDisposeScope());
    }

    private Tensor Prepared(Tensor bytes)
    {
        using var scope = NewDisposeScope();
        return _preparation.Prepare(bytes.to(_device), _weights.Type).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _folded?.Dispose();
        _weights.Dispose();
    }

    /// <summary>Inception with weights that mean nothing, for measuring how fast it is.</summary>
    /// <param name="preparation">How images are prepared.</param>
    /// <param name="device">Where it runs.</param>
    public static FeatureExtractor Untrained(InceptionProtocol preparation, Device device)
    {
        ArgumentNullException.ThrowIfNull(preparation);
        return new(
            new("untrained", "", preparation.Name, FeatureArithmetic.Float32),
            NetworkWeights.Initial(InceptionV3.Shape, new(0)).Detached(device), preparation, device);
    }

    private static FeatureExtractor Of(NetworkFile file, IImagePreparation preparation, FeatureArithmetic arithmetic, Device device) => new(
        new(file.Shape.Name, file.Sha256, preparation.Name, arithmetic),
        file.Load(arithmetic == FeatureArithmetic.Float64 ? float64 : float32, device), preparation, device);
}
