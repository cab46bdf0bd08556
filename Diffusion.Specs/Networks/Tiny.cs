using Diffusion.Math.Values;
using Diffusion.Model.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Networks;

/// <summary>Networks small enough to be run hundreds of times.</summary>
internal static class Tiny
{
    public static readonly Seed Seed = new(17);

    public static readonly UNetShape Shape = new()
    {
        InputChannels = 1,
        OutputChannels = 1,
        Levels = [UNetLevel.Plain(8), UNetLevel.Attending(16)],
        BlocksPerLevel = 1,
        Residual = new() { Groups = 4 },
    };

    public static readonly UNetShape FourLevels = Shape with { Levels = [.. Shape.Levels, UNetLevel.Plain(8), UNetLevel.Plain(8)] };

    /// <summary>A network whose residual branches are not near zero, so that what happens inside shows.</summary>
    public static UNet Lively(UNetShape shape) => Stirred(new UNet(shape, Seed));

    /// <summary>Adds noise to every parameter.</summary>
    public static T Stirred<T>(T network)
        where T : nn.Module
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        using var generator = new Generator(5, CPU);
        foreach (var parameter in network.parameters())
            parameter.add_(0.1 * randn(parameter.shape, generator: generator));
        return network;
    }
}
