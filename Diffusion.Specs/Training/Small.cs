using Diffusion.Math.Training;
using Diffusion.Model.Datasets;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;

namespace Diffusion.Specs.Training;

/// <summary>Runs small enough to be carried out many times.</summary>
internal static class Small
{
    public static UNetShape Network { get; } = new()
    {
        InputChannels = 1,
        OutputChannels = 1,
        BlocksPerLevel = 1,
        Levels = [UNetLevel.Plain(8), UNetLevel.Attending(8)],
        Residual = new() { Groups = 4, Dropout = 0.1 },
    };

    public static Recipe Recipe { get; } = new()
    {
        Name = "small",
        Data = new() { Set = "squares", Augmentation = Augmentation.HorizontalFlips },
        Network = Network,
        Optimiser = new() { Rate = new LearningRate.WarmUp(1e-3, 4) },
        Ema = [new EmaDecay.Ramp(0.99), new EmaDecay.Constant(0.9)],
        Length = new() { Steps = 12, EvaluateEvery = new EvaluationInterval.Steps(4), Batch = 6 },
        Evaluation = new(),
        Seed = 7,
    };

    public static Recipe Labelled { get; } = Recipe with
    {
        Network = Network with { Labels = new(2, NullLabel.Learned) },
        Labels = new Conditioning.Labelled(0.5),
    };

    public static Recipe Classifier { get; } =
        Recipe with { Name = "small-classifier", Goal = new Goal.Classify(2, ClassifierPooling.Attention) };

    /// <summary>Ten images of 8×8, a bright square somewhere, of two classes.</summary>
    public static ImageSet Images()
    {
        var pixels = new byte[10 * 64];
        for (var image = 0; image < 10; image++)
            for (var y = 0; y < 3; y++)
                for (var x = 0; x < 3; x++)
                    pixels[image * 64 + (y + image % 5) * 8 + x + image / 2] = 255;
        byte[] labels = [.. Enumerable.Range(0, 10).Select(image => (byte)(image % 2))];
        return ImageSet.Of(new("squares", Split.Train, ["even", "odd"], "made up"), new(1, 8, 8), pixels, labels);
    }
}
