using Diffusion.Math.Likelihood;
using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Images;
using Diffusion.Model.Networks;
using TorchSharp;

namespace Diffusion.Model.Recipes;

/// <summary>Everything that has to be known to repeat a training run. A value; <c>recipe.json</c> is its text.</summary>
public sealed record Recipe
{
    /// <summary>The version of its text that is written here; version 1, which said none, is read too.</summary>
    public const int CurrentVersion = 2;

    /// <summary>The version of its text.</summary>
    public int Version
    {
        get;
        init => field = value == CurrentVersion ? value
            : throw new ArgumentException(
                $"a recipe of version {value}, but this program reads versions 1 and {CurrentVersion}", nameof(Version));
    } = CurrentVersion;

    /// <summary>The recipe's name, such as <c>cifar10</c>; part of run folders and provenance.</summary>
    public required string Name { get; init; }

    /// <summary>The images.</summary>
    public required DataRecipe Data { get; init; }

    /// <summary>What the network is trained for.</summary>
    public Goal Goal { get; init; } = new Goal.Denoise();

    /// <summary>The network; its channels are those of the images, and it has labels where <see cref="Labels"/> needs them.</summary>
    public required UNetShape Network { get; init; }

    /// <summary>Where its first weights come from; null where they follow from the seed.</summary>
    public Lineage? From { get; init; }

    /// <summary>What it learns from the model that it begins with; null where it learns from the images themselves.</summary>
    public DistillationRecipe? Distillation { get; init; }

    /// <summary>How noise is added.</summary>
    public NoiseSchedule Schedule { get; init; } = new NoiseSchedule.Linear();

    /// <summary>What the network predicts.</summary>
    public Prediction Prediction { get; init; } = new Prediction.Noise();

    /// <summary>How the noise levels of a batch are drawn.</summary>
    public NoiseLevelDistribution NoiseLevels { get; init; } = new NoiseLevelDistribution.UniformTime();

    /// <summary>How much a noise level counts.</summary>
    public LossWeight Weight { get; init; } = new LossWeight.Simple();

    /// <summary>What is minimised.</summary>
    public Objective Objective { get; init; } = new Objective.Simple();

    /// <summary>
    /// The variance of the reverse steps that the bound of the objective is of; null where the objective has none. A learned one is in the
    /// second half of the network's output channels.
    /// </summary>
    public Variance? Variance { get; init; }

    /// <summary>How the network is conditioned on labels.</summary>
    public Conditioning Labels { get; init; } = new Conditioning.None();

    /// <summary>How the weights are changed.</summary>
    public OptimiserRecipe Optimiser { get; init; } = new();

    /// <summary>Exponential moving averages (EMA) of the weights; the first one is what is sampled from.</summary>
    public Sequence<EmaDecay> Ema { get; init => field = Require.NonEmpty(value); } = [new EmaDecay.Constant(0.9999)];

    /// <summary>How long training takes.</summary>
    public required LengthRecipe Length { get; init; }

    /// <summary>Arithmetic of the forward and backward pass; weights, moments and averages are always float32.</summary>
    public Precision Precision { get; init; }

    /// <summary>How images lie in memory while a network computes, which changes results to rounding.</summary>
    public MemoryLayout Layout { get; init; }

    /// <summary>
    /// The layout that is computed in on a device: <see cref="Layout"/>, but on a CPU in float32 the channels first, for there the backward
    /// pass of a normalisation takes four to five times as long with the channels last.
    /// </summary>
    public MemoryLayout LayoutOn(DeviceType device) =>
        device == DeviceType.CPU && Precision == Precision.Float32 ? MemoryLayout.ChannelsFirst : Layout;

    /// <summary>Every random number of the run follows from this.</summary>
    public ulong Seed { get; init; }

    /// <summary>What is sampled and measured at every evaluation.</summary>
    public required EvaluationRecipe Evaluation { get; init; }

    /// <summary>The bound that is part of the objective; null where it has none.</summary>
    /// <exception cref="InvalidOperationException">The schedule is no chain of whole steps, or no variance belongs to it.</exception>
    public VariationalBound? Bound() => (Objective, Schedule, Variance) switch
    {
        (Objective.Simple, _, _) => null,
        (_, NoiseSchedule.Discrete schedule, { } variance) => new(schedule, variance, Decoder),
        _ => throw new InvalidOperationException("The objective needs a chain of whole steps, and a variance for them."),
    };

    /// <summary>The noise levels of a batch: those of the student's steps in a distillation.</summary>
    internal NoiseLevel[] LevelsOf(ReadOnlySpan<double> uniforms) =>
        Distillation?.LevelsOf(uniforms, Schedule) ?? NoiseLevels.Draw(uniforms, Schedule);

    /// <summary>Why samples of the network cannot be drawn with a sampler, in a sentence; null where they can.</summary>
    public string? MismatchOf(Sampler sampler) =>
        sampler is not Sampler.Ancestral { Variance: Variance.Learned wanted } || wanted == Variance ? null
            : $"The sampler takes its variance from the network, as {wanted.GetType().Name}; the network gives " +
                $"{(Variance as Variance.Learned)?.GetType().Name ?? "none"}.";

    /// <summary>How the last step becomes a pixel.</summary>
    internal static PixelLikelihood Decoder { get; } = new PixelLikelihood.Exact();
}

/// <summary>The images a recipe trains on.</summary>
public sealed record DataRecipe
{
    /// <summary>The name of a <see cref="Dataset"/>, such as <c>cifar10</c>, or <c>folder</c> for a person's own images.</summary>
    public required string Set { get; init; }

    /// <summary>
    /// Height that the images of a folder are cut and scaled to, and width unless <see cref="Width"/> says it; null where they all have
    /// one size already.
    /// </summary>
    public int? Size { get; init => field = value is { } size ? Require.AtLeast(size, 1, nameof(Size)) : null; }

    /// <summary>Width that the images of a folder are cut and scaled to, where it is another than the height; else null.</summary>
    public int? Width { get; init => field = value is { } width ? Require.AtLeast(width, 1, nameof(Width)) : null; }

    /// <summary>Height and width that the images of a folder are cut and scaled to; null where they all have one size already.</summary>
    internal ImageSize? Wanted => Size is { } height ? new(height, Width ?? height) : null;

    /// <summary>Height and width that all images of a folder have already, where they are known; null where a size is asked for.</summary>
    public ImageSize? Found { get; init; }

    /// <summary>
    /// The colour that transparency in the images of a folder is laid over: <c>black</c>, or # and six hexadecimal digits; null for white.
    /// A network of four channels keeps alpha, and has none.
    /// </summary>
    /// <exception cref="ArgumentException">It is none of these.</exception>
    public string? Background
    {
        get;
        init => field = value is null ? null : PixelColour.TryParse(value, out var colour)
            ? colour == PixelColour.White ? null : colour.ToString()
            : throw new ArgumentException($"'{value}' is not {PixelColour.Expected}.", nameof(Background));
    }

    /// <summary>What is done to an image before it is noised.</summary>
    public Augmentation Augmentation { get; init; }

    /// <summary>
    /// The sizes of an image, where they are known beforehand: null for a folder of images that all have one size already.
    /// </summary>
    /// <param name="channels">Its channels.</param>
    public ImageShape? ShapeOf(int channels) =>
        Dataset.Find(Set) is { } dataset ? dataset.Shape with { Channels = channels }
        : Wanted is { } wanted ? new(channels, wanted.Height, wanted.Width)
        : Found is { } found ? new(channels, found.Height, found.Width)
        : null;

    /// <summary>The images of a data set, as they are usually trained on.</summary>
    public static DataRecipe Of(Dataset dataset) => new() { Set = dataset.Name, Augmentation = dataset.Augmentation };

    /// <summary>Hash of the training images, 64 hexadecimal digits; null until a run has found them, and then no others will do.</summary>
    public string? Sha256 { get; init; }

    /// <summary>What the classes are called, in the order of labels; empty until a run has found them, and where there are none.</summary>
    public Sequence<string> ClassNames { get; init; } = [];
}

/// <summary>How the network is conditioned on labels. A closed union.</summary>
public abstract record Conditioning
{
    private Conditioning()
    {
    }

    /// <summary>Nothing: an unconditional model.</summary>
    public sealed record None : Conditioning;

    /// <summary>The label, or with probability <paramref name="Dropout"/> the null label. Ho and Salimans 2021, Algorithm 1.</summary>
    /// <param name="Dropout">p_uncond, in [0, 1]; 0.1 in the paper.</param>
    public sealed record Labelled(double Dropout = 0.1) : Conditioning
    {
        /// <summary>p_uncond, in [0, 1]; 0.1 in the paper.</summary>
        public double Dropout { get; init => field = Require.Within(value, 0, 1, nameof(Dropout)); } = Require.Within(Dropout, 0.0, 1.0);
    }
}

/// <summary>Adam with decoupled weight decay, and clipping by the global norm. Kingma and Ba 2014; Loshchilov and Hutter 2017.</summary>
/// <remarks>Matrices of hidden layers may have an update of another kind; rate, decay and clipping are the same for all.</remarks>
public sealed record OptimiserRecipe
{
    /// <summary>What updates the matrices of hidden layers.</summary>
    public MatrixUpdate Matrices { get; init; } = new MatrixUpdate.Adam();

    /// <summary>The learning rate over the steps.</summary>
    public LearningRate Rate { get; init; } = new LearningRate.WarmUp(2e-4, 5000);

    /// <summary>β1, in [0, 1).</summary>
    public double Beta1 { get; init => field = Require.Within(value, 0, 0.999999); } = 0.9;

    /// <summary>β2, in [0, 1).</summary>
    public double Beta2 { get; init => field = Require.Within(value, 0, 0.999999999); } = 0.999;

    /// <summary>ε of the denominator; above 0.</summary>
    public double Epsilon { get; init => field = Require.Positive(value); } = 1e-8;

    /// <summary>Decoupled weight decay per step and unit of learning rate; at least 0.</summary>
    public double WeightDecay { get; init => field = Require.NonNegative(value); }

    /// <summary>Gradients whose global norm is larger are scaled down to it; above 0.</summary>
    public double ClipNorm { get; init => field = Require.Positive(value); } = 1;
}

/// <summary>
/// What updates the matrices of hidden layers: weights of convolutions and affine maps, but for the first layer, the last one, and
/// embeddings. A closed union.
/// </summary>
public abstract record MatrixUpdate
{
    private MatrixUpdate()
    {
    }

    /// <summary>Adam, as everything else.</summary>
    public sealed record Adam : MatrixUpdate;

    /// <summary>Momentum made orthogonal. Jordan et al. 2024, "Muon"; scaled as in Liu et al. 2025, "Muon is scalable".</summary>
    /// <param name="Momentum">μ, in [0, 1); 0.95 in both papers.</param>
    /// <param name="Scale">
    /// The root mean square of an update's numbers at a rate of 1; above 0. 0.2 is about that of Adam, so that its rates fit.
    /// </param>
    public sealed record Muon(double Momentum = 0.95, double Scale = 0.2) : MatrixUpdate
    {
        /// <summary>μ, in [0, 1); 0.95 in both papers.</summary>
        public double Momentum { get; init => field = Require.Within(value, 0, 0.999999, nameof(Momentum)); } =
            Require.Within(Momentum, 0, 0.999999);

        /// <summary>The root mean square of an update's numbers at a rate of 1; above 0.</summary>
        public double Scale { get; init => field = Require.Positive(value, nameof(Scale)); } = Require.Positive(Scale);
    }
}

/// <summary>How long a run is.</summary>
public sealed record LengthRecipe
{
    /// <summary>Updates of the weights in the whole run; at least 1.</summary>
    public required long Steps { get; init => field = Require.AtLeast(value, 1); }

    /// <summary>So many steps, for a person.</summary>
    /// <param name="steps">How many.</param>
    public static string StepText(long steps) => Counted.Grouped(steps, "step");

    /// <summary>How often samples are drawn, measured and reported, and a checkpoint is saved.</summary>
    public EvaluationInterval EvaluateEvery { get; init; } = new EvaluationInterval.Epochs(1);

    /// <summary>Images per update; at least 1.</summary>
    public int Batch { get; init => field = Require.AtLeast(value, 1); } = 128;

    /// <summary>
    /// Images that pass through the network at once; smaller than the batch where memory is short. The update is the same.
    /// </summary>
    public int MicroBatch { get; init => field = Require.AtLeast(value, 0); }

    /// <summary>
    /// Into how many shards the batch and the state of the optimiser are divided; a power of two that divides the batch, 1 for no division.
    /// Any number of processes that divides it trains to the same bits.
    /// </summary>
    public int Shards
    {
        get;
        init => field = System.Numerics.BitOperations.IsPow2(Require.AtLeast(value, 1)) ? value
            : throw new ArgumentOutOfRangeException(
                nameof(Shards), value, FormattableString.Invariant($"{nameof(Shards)} is {value}; it must be a power of two."));
    } = 1;
}
