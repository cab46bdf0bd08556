using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Training;
using Diffusion.Model.Datasets;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;

namespace Diffusion.Host.Recipes;

/// <summary>The recipes that the program carries, as values.</summary>
public static class BuiltIn
{
    /// <summary>CIFAR-10 without labels, as in Ho et al. 2020, Section 4 and Appendix B: 800,000 updates of 128 images.</summary>
    public static Recipe Cifar10Paper { get; } = new()
    {
        Name = "cifar10",
        Data = new() { Set = "cifar10", Augmentation = Augmentation.HorizontalFlips },
        Network = UNetShape.Paper,
        Length = new() { Steps = 800_000, StepsPerEpoch = 10_000, Batch = 128 },
        Evaluation = new() { Samples = 10_000, FinalSamples = 50_000, Batch = 500, Inception = InceptionWeights.Downloaded },
    };

    /// <summary>CIFAR-10 in minutes on two cores: colours and blobs.</summary>
    /// <remarks>
    /// It predicts velocity over the cosine schedule: a network that predicts noise over the linear one needs far longer to learn an image's
    /// overall colour, which hardly shows in the noise of a very noisy state, and until then its samples are garish. (Distances after 1,200
    /// steps: 8.8; velocity over the linear schedule 10.4; noise, over the linear one and after twice as many steps, 20.8.)
    /// </remarks>
    public static Recipe Cifar10Quick { get; } = Cifar10Paper with
    {
        Schedule = new NoiseSchedule.Cosine(),
        Prediction = new Prediction.Velocity(),
        Network = new UNetShape
        {
            BlocksPerLevel = 1,
            Levels = [UNetLevel.Plain(32), UNetLevel.Plain(64), UNetLevel.Attending(64)],
        },
        Optimiser = new() { Rate = new LearningRate.WarmUpCosine(1e-3, 100, 2400) },
        // The second and third are what the command average puts others together from.
        Averages = [new EmaDecay.Ramp(0.998), new EmaDecay.PowerFunction(0.05), new EmaDecay.PowerFunction(0.1)],
        Length = new() { Steps = 2400, StepsPerEpoch = 400, Batch = 32 },
        Evaluation = Quick,
    };

    /// <summary>MNIST with the settings of the CIFAR-10 paper run, on a network of one channel.</summary>
    public static Recipe MnistPaper { get; } = Cifar10Paper with
    {
        Name = "mnist",
        Data = new() { Set = "mnist" },
        Network = UNetShape.Paper with { InputChannels = 1, OutputChannels = 1 },
        Length = new() { Steps = 100_000, StepsPerEpoch = 5_000, Batch = 128 },
    };

    /// <summary>MNIST in minutes on two cores: digits that can be read.</summary>
    public static Recipe MnistQuick { get; } = Cifar10Quick with
    {
        Name = "mnist",
        Data = MnistPaper.Data,
        Network = Cifar10Quick.Network with { InputChannels = 1, OutputChannels = 1 },
    };

    /// <summary>A person's own images, 64 pixels a side, with the settings of the CIFAR-10 paper run; attention is at 16 pixels as there.</summary>
    public static Recipe FolderPaper { get; } = Cifar10Paper with
    {
        Name = "folder",
        Data = new() { Set = "folder", Side = 64, Augmentation = Augmentation.HorizontalFlips },
        Network = UNetShape.Paper with
        {
            Levels = [UNetLevel.Plain(128), UNetLevel.Plain(256), UNetLevel.Attending(256), UNetLevel.Plain(256)],
        },
    };

    /// <summary>A person's own images, 32 pixels a side, in minutes on two cores.</summary>
    public static Recipe FolderQuick { get; } = Cifar10Quick with { Name = "folder", Data = FolderPaper.Data with { Side = 32 } };

    /// <summary>How long a classifier of noisy images is trained in minutes on two cores.</summary>
    public static LengthRecipe ClassifierQuick { get; } = new() { Steps = 2000, StepsPerEpoch = 500, Batch = 32 };

    /// <summary>How long a classifier of noisy images is trained on a GPU. Nobody has published one for these images.</summary>
    public static LengthRecipe ClassifierPaper { get; } = new() { Steps = 150_000, StepsPerEpoch = 5_000, Batch = 256 };

    /// <summary>The recipe of a name and size, or null for an unknown name.</summary>
    public static Recipe? Find(string name, Preset preset) =>
        BuiltInRecipe.All.FirstOrDefault(recipe => recipe.Name == name)?.At(preset);

    private static EvaluationRecipe Quick => new()
    {
        Sampler = new Sampler.Ancestral(new Variance.Small(), new Clipping.Clip()),
        Grid = new TimestepSpacing.Trailing(50),
        Samples = 256,
        FinalSamples = 1024,
    };
}
