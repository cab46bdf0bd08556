namespace Diffusion.Specs.Evaluation;

/// <summary>
/// A fact about real photographs and the whole Inception network, which takes minutes; skipped where they are not at hand.
/// </summary>
/// <remarks>
/// DIFFUSION_DATA names a folder with cifar10-lossless/cifar-10-batches-bin, the binary files of CIFAR-10, and
/// inception/inception-v3-substitute.pth, weights of the FID's Inception network or of one of the same shape.
/// </remarks>
public sealed class RealDataFactAttribute : FactAttribute
{
    private static readonly string? Root = Environment.GetEnvironmentVariable("DIFFUSION_DATA");

    /// <summary>The folder of CIFAR-10's binary files.</summary>
    public static string Photographs => Path.Combine(Root ?? "", "cifar10-lossless", "cifar-10-batches-bin");

    /// <summary>The file of the network's weights.</summary>
    public static string Weights => Path.Combine(Root ?? "", "inception", "inception-v3-substitute.pth");

    /// <summary>Skips without the variable, or where what it names is not there.</summary>
    public RealDataFactAttribute() => Skip =
        Root is null ? "DIFFUSION_DATA names no folder of real photographs and weights."
        : !Directory.Exists(Photographs) ? $"There is no folder {Photographs}."
        : !File.Exists(Weights) ? $"There is no file {Weights}."
        : null;
}
