using Diffusion.Math.Predictions;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Training;
using Diffusion.Model.Datasets;
using Diffusion.Model.Images;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;

namespace Diffusion.Host.Diagnostics;

/// <summary>A model of every kind of layer that the program has, and images for it, small enough to be trained in a blink.</summary>
internal static class ProbeModel
{
    private const int Classes = 2;
    private const int Count = 8;

    /// <summary>One channel, 8×8.</summary>
    public static ImageShape Image { get; } = new(1, 8, 8);

    /// <summary>A labelled network with attention, dropout, halving and doubling.</summary>
    public static UNetShape Network { get; } = new()
    {
        InputChannels = Image.Channels,
        OutputChannels = Image.Channels,
        BlocksPerLevel = 1,
        Levels = [UNetLevel.Plain(8), UNetLevel.Attending(8)],
        Residual = new() { Groups = 4, Dropout = 0.1 },
        Labels = new(Classes, NullLabel.Learned),
    };

    /// <summary>Its training.</summary>
    public static Recipe Recipe { get; } = new()
    {
        Name = "probe",
        Data = new() { Set = "noise", Augmentation = Augmentation.HorizontalFlips },
        Network = Network,
        Schedule = new NoiseSchedule.Cosine(),
        Labels = new Conditioning.Labelled(0.5),
        Optimiser = new() { Rate = new LearningRate.WarmUp(1e-3, 2) },
        Ema = [new EmaDecay.Ramp(0.99)],
        Length = new() { Steps = 2, EvaluateEvery = new EvaluationInterval.Steps(2), Batch = 4 },
        Evaluation = new() { Guidance = new Guidance.ClassifierFree(3), Spacing = new TimestepSpacing.Trailing(3) },
    };

    /// <summary>Another one: as wide as operations of this program's own with the channels last ask for, and as large.</summary>
    public static Recipe ChannelsLast { get; } = Recipe with
    {
        Network = Network with { Levels = [UNetLevel.Plain(32), UNetLevel.Plain(32)], Residual = Network.Residual with { Groups = 8 } },
        Precision = Precision.Bfloat16,
        Layout = MemoryLayout.ChannelsLast,
    };

    /// <summary>Images without meaning.</summary>
    public static ImageSet Images()
    {
        byte[] pixels = [.. Enumerable.Range(0, Count * Image.Height * Image.Width).Select(index => (byte)(index * 37))];
        byte[] labels = [.. Enumerable.Range(0, Count).Select(index => (byte)(index % Classes))];
        return ImageSet.Of(new("noise", Split.Train, ["even", "odd"], "made up"), Image, pixels, labels);
    }
}
