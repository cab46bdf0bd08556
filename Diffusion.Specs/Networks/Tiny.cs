using Diffusion.Math.Values;
using Diffusion.Model.Networks;
using Diffusion.Model.Runtime;
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

    public static readonly UNetShape PostNormalised = new()
    {
        Architecture = new UNetArchitecture.PostNormalised(2, 3, 2),
        InputChannels = 1,
        OutputChannels = 1,
        Levels = [.. new[] { (8, LevelAttention.Linear), (12, LevelAttention.Last) }.Select(
            level => new UNetLevel(level.Item1, new(level.Item2, default), new(level.Item2, default)))],
        StemChannels = 6,
        Residual = new() { Dropout = 0.2 },
    };

    /// <summary>The same family with labels, without learned keys, and left by convolutions.</summary>
    public static readonly UNetShape Labelled = PostNormalised with
    {
        Architecture = new UNetArchitecture.PostNormalised(2, 3, 0) { Halving = Halving.Strided },
        Labels = new(10, NullLabel.Learned) { Entry = LabelEntry.Beside },
    };

    public static readonly UNetShape MagnitudePreserving = new()
    {
        Architecture = new UNetArchitecture.MagnitudePreserving(),
        InputChannels = 1,
        OutputChannels = 1,
        Levels = [.. new[] { (8, LevelAttention.None), (12, LevelAttention.Self) }.Select(
            level => new UNetLevel(level.Item1, new(level.Item2, Resampling.Residual), new(level.Item2, Resampling.Residual)))],
        BlocksPerLevel = 1,
        HeadChannels = 4,
        Residual = new() { Dropout = 0.2 },
        Labels = new(10, NullLabel.Learned),
        Time = TimeEmbeddingShape.Ho with { Channels = 4, Width = 12, Frequencies = [1, 2.5, 6, 9], Phases = [0.1, 3, 5, 1.5] },
    };

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
            parameter.add_(randn(parameter.shape, generator: generator), alpha: Number.Of(0.1));
        return network;
    }
}
