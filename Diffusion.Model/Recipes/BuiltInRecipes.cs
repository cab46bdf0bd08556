using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Networks;

namespace Diffusion.Model.Recipes;

/// <summary>
/// The recipes that this library carries: <c>BuiltInRecipes.Mnist.Quick</c>, or by name <c>BuiltInRecipes.Find("mnist")</c>.
/// </summary>
public static class BuiltInRecipes
{
    private const int Classes = 10;

    // Of the quick sizes; a slower machine is given fewer.
    private const int QuickSteps = 2400;

    // Evaluations of a short run; a few seconds of training on a CPU lie between them.
    private const int StepsApart = 100;

    // Declared first: the recipes below are made of it.
    private static readonly EvaluationRecipe DiscreteEvaluation = new()
    {
        Sampler = new Sampler.Ancestral(new Variance.Small(), new Clipping.Clip()),
        Spacing = new TimestepSpacing.Trailing(50),
        Samples = 256,
        FinalSamples = 1024,
    };

    // None near clean data, where it takes variety, and most at high noise: more samples are recognised at no greater distance.
    private static Guidance MoreWithNoise(double w) =>
        new Guidance.Scheduled(new Guidance.ClassifierFree(w), new GuidanceSchedule.Points([new(0.3, 0), new(1, 1), new(3, 2)]));

    private static readonly LengthRecipe ClassifierQuick =
        new() { Steps = 2000, EvaluateEvery = new EvaluationInterval.Times(8), Batch = 32 };

    // Nobody has published a classifier of noisy images for these sets.
    private static readonly LengthRecipe ClassifierPaper =
        new() { Steps = 150_000, EvaluateEvery = new EvaluationInterval.Epochs(25), Batch = 256 };

    private static readonly Recipe Cifar10Paper = new()
    {
        Name = "cifar10",
        Data = DataRecipe.Of(Dataset.Cifar10),
        Network = UNetShape.Paper,
        Length = new() { Steps = 800_000, EvaluateEvery = new EvaluationInterval.Epochs(25), Batch = 128 },
        Evaluation = new() { Samples = 10_000, FinalSamples = 50_000, Batch = 500, Inception = InceptionWeights.Downloaded },
    };

    // Straight paths from images to noise, most examples at middle levels. The network takes 2×2 patches and is conditioned on labels.
    // What was compared for these choices: docs/results/speedrun.md.
    private static readonly Recipe Cifar10Quick = Cifar10Paper with
    {
        Schedule = new NoiseSchedule.RectifiedFlow(),
        Prediction = new Prediction.Flow(),
        NoiseLevels = new NoiseLevelDistribution.LowDiscrepancy(new NoiseLevelDistribution.LogNormalSigma(0, 1)),
        Network = new UNetShape
        {
            Patch = 2,
            BlocksPerLevel = 1,
            Levels = [UNetLevel.Plain(64), UNetLevel.Attending(128)],
            Residual = new() { Injection = TimeInjection.ScaleAndShift },
            Labels = new LabelShape(Classes, NullLabel.Learned),
        },
        Labels = new Conditioning.Labelled(0.1),
        Optimiser = new() { Matrices = new MatrixUpdate.Muon(), Rate = new LearningRate.OneCycle(4e-3, 0.4, QuickSteps) },
        // The second and third are what the command ema puts others together from.
        Ema = [new EmaDecay.Ramp(0.998), new EmaDecay.PowerFunction(0.05), new EmaDecay.PowerFunction(0.1)],
        Length = new() { Steps = QuickSteps, EvaluateEvery = new EvaluationInterval.Times(8, StepsApart), Batch = 32 },
        Evaluation = new()
        {
            Sampler = new Sampler.UniPc(2, new SolverVariable.Data(), UniPcBasis.Exponential, Ending.LowerOrderFinal, new Clipping.None()),
            Spacing = new TimestepSpacing.Uniform(12),
            Guidance = MoreWithNoise(1.5),
            Samples = 256,
            FinalSamples = 1024,
        },
    };

    // The same network without labels and with time added, as in the paper, over discrete timesteps, sampled by ancestral steps. It
    // predicts velocity over the cosine schedule: one that predicts noise over the linear schedule needs far longer to learn an image's
    // overall colour, which hardly shows in the noise of a very noisy state, and until then its samples are garish.
    private static readonly Recipe Cifar10DdpmQuick = RecipeVariation.Unlabelled(
        Cifar10Quick with { Network = Cifar10Quick.Network with { Residual = new() } }) with
    {
        Name = "cifar10-ddpm",
        Schedule = new NoiseSchedule.Cosine(),
        Prediction = new Prediction.Velocity(),
        NoiseLevels = new NoiseLevelDistribution.UniformTime(),
        Evaluation = DiscreteEvaluation,
    };

    /// <summary>
    /// CIFAR-10. Paper: without labels, Ho et al. 2020, Section 4 and Appendix B. Quick: by label, as rectified flow.
    /// </summary>
    public static BuiltInRecipe Cifar10 { get; } =
        Of("CIFAR-10: Ho et al. 2020; quick: by label, rectified flow", Cifar10Quick, Cifar10Paper);

    /// <summary>
    /// MNIST. Paper: the settings of the CIFAR-10 paper run, on a network of one channel. Quick: by label, as rectified flow.
    /// </summary>
    public static BuiltInRecipe Mnist { get; } = Of(
        "MNIST; quick: by label, rectified flow",
        Cifar10Quick with
        {
            Name = "mnist",
            Data = DataRecipe.Of(Dataset.Mnist),
            Network = Cifar10Quick.Network with { InputChannels = 1, OutputChannels = 1 },
            // Of 0.3 and 0.6 the better: more of it makes digits easier to recognise and less varied.
            Evaluation = Cifar10Quick.Evaluation with { Guidance = new Guidance.ClassifierFree(0.6) },
        },
        Cifar10Paper with
        {
            Name = "mnist",
            Data = DataRecipe.Of(Dataset.Mnist),
            Network = UNetShape.Paper with { InputChannels = 1, OutputChannels = 1 },
            Length = new() { Steps = 100_000, EvaluateEvery = new EvaluationInterval.Epochs(10), Batch = 128 },
        });

    /// <summary>CIFAR-10 without labels, over 1,000 timesteps, sampled by ancestral steps: Ho et al. 2020 at either size.</summary>
    public static BuiltInRecipe Cifar10Ddpm { get; } = Of(
        "CIFAR-10, unconditional, 1000 timesteps, ancestral sampling: Ho et al. 2020",
        Cifar10DdpmQuick,
        Cifar10Paper with { Name = "cifar10-ddpm" });

    /// <summary>MNIST without labels, over 1,000 timesteps, sampled by ancestral steps.</summary>
    public static BuiltInRecipe MnistDdpm { get; } = Of(
        "MNIST, unconditional, 1000 timesteps, ancestral sampling: Ho et al. 2020",
        Cifar10DdpmQuick with
        {
            Name = "mnist-ddpm",
            Data = DataRecipe.Of(Dataset.Mnist),
            Network = Cifar10DdpmQuick.Network with { InputChannels = 1, OutputChannels = 1 },
        },
        Mnist.Paper with { Name = "mnist-ddpm" });

    /// <summary>MNIST by label, with classifier-free guidance.</summary>
    public static BuiltInRecipe MnistCfg { get; } = Varied(
        Mnist, "MNIST, class-conditional, for classifier-free guidance", recipe => RecipeVariation.Labelled(recipe, Classes));

    /// <summary>Fashion-MNIST with the settings of the recipe mnist.</summary>
    public static BuiltInRecipe FashionMnist { get; } = Varied(
        Mnist, "articles of clothing; quick: by label, rectified flow", recipe => On(Dataset.FashionMnist, recipe));

    /// <summary>Fashion-MNIST by label, with classifier-free guidance.</summary>
    public static BuiltInRecipe FashionMnistCfg { get; } = Varied(
        FashionMnist, "articles of clothing by label, with classifier-free guidance", recipe => RecipeVariation.Labelled(recipe, Classes));

    /// <summary>CIFAR-10 by label, with classifier-free guidance.</summary>
    public static BuiltInRecipe Cifar10Cfg { get; } = Varied(
        Cifar10, "CIFAR-10, class-conditional, for classifier-free guidance: Ho and Salimans 2021",
        recipe => RecipeVariation.Labelled(recipe, Classes));

    /// <summary>CIFAR-100 by its hundred fine labels, with classifier-free guidance and the settings of the recipe cifar10-cfg.</summary>
    public static BuiltInRecipe Cifar100Cfg { get; } = Varied(
        Cifar10, "colour images of a hundred classes by label, with classifier-free guidance",
        recipe => RecipeVariation.Labelled(On(Dataset.Cifar100, recipe), Dataset.Cifar100.ClassNames.Count));

    /// <summary>SVHN with the settings of the recipe cifar10, without flips: most digits have another meaning mirrored, or none.</summary>
    public static BuiltInRecipe Svhn { get; } = Varied(
        Cifar10, "digits of house numbers (SVHN); quick: by label, rectified flow", recipe => On(Dataset.Svhn, recipe));

    /// <summary>CIFAR-10 with the design choices of Karras et al. 2022; the paper's training, on the network of Ho et al. 2020.</summary>
    public static BuiltInRecipe Cifar10Edm { get; } = Of(
        "CIFAR-10, EDM preconditioning and second-order sampler: Karras et al. 2022",
        RecipeVariation.Elucidated(Cifar10DdpmQuick with { Name = "cifar10" }),
        PublishedEdm(RecipeVariation.Elucidated(Cifar10Paper)));

    /// <summary>CIFAR-10 with a learned variance and the hybrid objective.</summary>
    public static BuiltInRecipe Cifar10Hybrid { get; } = Of(
        "CIFAR-10, learned variance and hybrid objective: Nichol and Dhariwal 2021",
        RecipeVariation.Hybrid(Cifar10DdpmQuick with { Name = "cifar10" }),
        RecipeVariation.Hybrid(Cifar10Paper));

    /// <summary>A classifier of noisy digits.</summary>
    public static BuiltInRecipe MnistClassifier { get; } = Classifier(
        "mnist", MnistDdpm, "noise-aware classifier of MNIST, to guide mnist-ddpm: Dhariwal and Nichol 2021");

    /// <summary>A classifier of noisy colour images.</summary>
    public static BuiltInRecipe Cifar10Classifier { get; } = Classifier(
        "cifar10", Cifar10Ddpm, "noise-aware classifier of CIFAR-10, to guide cifar10-ddpm");

    /// <summary>A person's own images: 64 pixels a side with the settings of the CIFAR-10 paper run, or 32 in minutes.</summary>
    public static BuiltInRecipe Folder { get; } = Of(
        "your own images: train folder --data DIR",
        RecipeVariation.Unlabelled(Cifar10Quick) with { Name = "folder", Data = FolderData(32) },
        Cifar10Paper with
        {
            Name = "folder",
            Data = FolderData(64),
            // A folder may hold few images or many.
            Length = Cifar10Paper.Length with { EvaluateEvery = new EvaluationInterval.Times(80, StepsApart) },
            // Attention is at 16 pixels, as in the paper.
            Network = UNetShape.Paper with
            {
                Levels = [UNetLevel.Plain(128), UNetLevel.Plain(256), UNetLevel.Attending(256), UNetLevel.Plain(256)],
            },
        });

    /// <summary>All of them, in the order in which they are listed.</summary>
    public static Sequence<BuiltInRecipe> All { get; } =
    [
        Mnist, MnistCfg, MnistDdpm, FashionMnist, FashionMnistCfg, Cifar10, Cifar10Cfg, Cifar10Ddpm, Cifar100Cfg, Svhn, Cifar10Edm,
        Cifar10Hybrid, MnistClassifier, Cifar10Classifier, Folder,
    ];

    /// <summary>The recipe of a name, or null for an unknown name.</summary>
    public static BuiltInRecipe? Find(string name) => All.FirstOrDefault(recipe => recipe.Name == name);

    private static Recipe On(Dataset dataset, Recipe recipe) => recipe with { Name = dataset.Name, Data = DataRecipe.Of(dataset) };

    private static BuiltInRecipe Of(string summary, Recipe quick, Recipe paper) =>
        new(quick.Name, summary, WithItsLength(quick), WithItsLength(paper));

    // Whoever makes it shorter wants to see something soon. Judging a classifier takes no time.
    private static Recipe WithItsLength(Recipe recipe) => recipe with
    {
        Evaluation = recipe.Evaluation with { FullSamplesFrom = recipe.Goal is Goal.Denoise ? recipe.Length.Steps : null },
    };

    private static BuiltInRecipe Varied(BuiltInRecipe recipe, string summary, Func<Recipe, Recipe> vary) =>
        Of(summary, vary(recipe.Quick), vary(recipe.Paper));

    private static BuiltInRecipe Classifier(string name, BuiltInRecipe recipe, string summary) => Of(
        summary,
        RecipeVariation.Classifying(recipe.Quick with { Name = name }, Classes, ClassifierQuick),
        RecipeVariation.Classifying(recipe.Paper with { Name = name }, Classes, ClassifierPaper));

    private static DataRecipe FolderData(int size) => new() { Set = "folder", Size = size, Augmentation = Augmentation.HorizontalFlips };

    // Training as in the paper's CIFAR-10 runs: 200 million images in batches of 512, its rate risen after 10 million.
    private static Recipe PublishedEdm(Recipe recipe)
    {
        const int batch = 512;
        return recipe with
        {
            Network = recipe.Network with { Residual = recipe.Network.Residual with { Dropout = 0.13 } },
            Optimiser = new() { Rate = new LearningRate.WarmUp(1e-3, 10_000_000 / batch) },
            Ema = [new EmaDecay.HalfLife(500_000.0 / batch)],
            Length = recipe.Length with { Steps = 200_000_000 / batch, EvaluateEvery = new EvaluationInterval.Epochs(50), Batch = batch },
        };
    }
}

/// <summary>A recipe that this library carries, in both sizes.</summary>
/// <param name="Name">The word that asks for it.</param>
/// <param name="Summary">One line for a person.</param>
/// <param name="Quick">Minutes on a CPU.</param>
/// <param name="Paper">As published.</param>
public sealed record BuiltInRecipe(string Name, string Summary, Recipe Quick, Recipe Paper)
{
    /// <summary>
    /// The time that the training steps of the quick size may take. A machine that is too slow for all of them is given a shorter run.
    /// </summary>
    public TimeSpan QuickTraining => TimeSpan.FromMinutes(Quick.Network.InputChannels == 1 ? 5 : 6);

    /// <summary>The recipe of a size.</summary>
    public Recipe At(Preset preset) => preset == Preset.Quick ? Quick : Paper;
}

/// <summary>The size of a built-in recipe.</summary>
public enum Preset
{
    /// <summary>Minutes on a CPU.</summary>
    Quick,

    /// <summary>The settings that were published.</summary>
    Paper,
}
