using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Images;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Resampling = Diffusion.Model.Networks.Resampling;

namespace Diffusion.Model.Interchange.Checkpoints;

/// <summary>
/// What is published of a model, or usual for a program, and not in the file of its weights: schedule, prediction, heads and sampling.
/// </summary>
/// <param name="Name">The name it is asked for by, such as <c>guided-imagenet64</c>.</param>
/// <param name="Summary">What it is, in a few words.</param>
public sealed record KnownModel(string Name, string Summary)
{
    private const int ImageNetClasses = 1000;

    /// <summary>All of them: the published ones, then the usual settings of a program, for a network of any size.</summary>
    public static Sequence<KnownModel> All { get; } = [.. Published(), .. Usual()];

    /// <summary>The model of this name; null where there is none.</summary>
    public static KnownModel? Find(string name) => All.FirstOrDefault(model => model.Name == name);

    /// <summary>What was published; null for what a program does by default, whose network only the file says.</summary>
    public Recipe? Recipe { get; private init; }

    /// <summary>How queries, keys and values stand in one convolution.</summary>
    internal FusedOrder Order { get; private init; }

    /// <summary>Whether it may be a network that a file holds; heads and dropout, which no file says, do not count.</summary>
    internal bool Fits(UNetShape network, Goal goal) => Recipe is { } recipe && Comparable(recipe.Network) == Comparable(network)
        && recipe.Goal == goal;

    /// <summary>What is known of a model with a network that a file holds.</summary>
    /// <param name="name">What the model is called.</param>
    /// <param name="network">The network as far as its tensors say it.</param>
    /// <param name="goal">What it was trained for.</param>
    internal Recipe Complete(string name, UNetShape network, Goal goal)
    {
        if (Recipe is not null)
            return Recipe;
        var shape = goal is Goal.Classify ? network with { HeadChannels = 64 } : network with { Heads = 4 };
        return Trained(ImportedRecipe.Of(name, shape, null) with { Goal = goal }, new Objective.Hybrid());
    }

    private static UNetShape Comparable(UNetShape network) => network with
    {
        Heads = null,
        HeadChannels = null,
        Residual = network.Residual with { Dropout = 0 },
        Time = network.Time with { Scale = 1 },
    };

    // Nichol and Dhariwal 2021, as their repository lists them.
    private static IEnumerable<KnownModel> Published()
    {
        var cifar = OpenAi(128, [1, 2, 2, 2], 3, [1, 2]) with { Heads = 4, Time = OpenAiTime(0.25), Residual = OpenAiResidual(0.3) };
        var imagenet = OpenAi(128, [1, 2, 3, 4], 3, [2, 3]) with { Heads = 4, Time = OpenAiTime(0.25) };
        var cosine = new NoiseSchedule.Cosine(4000);
        yield return Of("improved-cifar10", "CIFAR-10, L_hybrid", cifar, 32, cosine);
        yield return Of("improved-cifar10-vlb", "CIFAR-10, L_vlb", cifar, 32, cosine, new Objective.Bound());
        yield return Of("improved-imagenet64", "ImageNet 64×64, L_hybrid", imagenet, 64, cosine);
        yield return Of("improved-imagenet64-vlb", "ImageNet 64×64, L_vlb", imagenet, 64, cosine, new Objective.Bound());
        yield return Of("improved-imagenet64-cond", "ImageNet 64×64, class-conditional", OpenAi(192, [1, 2, 3, 4], 3, [2, 3]) with
        {
            Heads = 4,
            Labels = new(ImageNetClasses, NullLabel.Absent),
        }, 64, cosine);
        yield return Of("improved-lsun-bedroom", "LSUN bedroom 256×256", OpenAi(128, [1, 1, 2, 2, 4, 4], 2, [4]) with
        {
            Heads = 1,
            Residual = OpenAiResidual(0) with { Injection = TimeInjection.Shift },
        }, 256, new NoiseSchedule.Linear());
        foreach (var model in Guided())
            yield return model;
    }

    // Dhariwal and Nichol 2021, as their repository lists them.
    private static IEnumerable<KnownModel> Guided()
    {
        var linear = new NoiseSchedule.Linear();
        var cosine = new NoiseSchedule.Cosine();
        UNetShape Network(int channels, int[] multiples, int blocks, int[] attending) => OpenAi(
            channels, multiples, blocks, attending, Resampling.Residual) with { HeadChannels = 64 };
        UNetShape Labelled(UNetShape shape) => shape with { Labels = new(ImageNetClasses, NullLabel.Absent) };
        var large = Network(256, [1, 1, 2, 2, 4, 4], 2, [3, 4, 5]);
        yield return Of("guided-imagenet64", "ImageNet 64×64, class-conditional",
            Labelled(Network(192, [1, 2, 3, 4], 3, [1, 2, 3])) with { Residual = OpenAiResidual(0.1) }, 64, cosine) with
        {
            Order = FusedOrder.ByKind,
        };
        yield return Of("guided-imagenet128", "ImageNet 128×128, class-conditional",
            Labelled(Network(256, [1, 1, 2, 3, 4], 2, [2, 3, 4])) with { HeadChannels = null, Heads = 4 }, 128, linear);
        yield return Of("guided-imagenet256", "ImageNet 256×256, class-conditional", Labelled(large), 256, linear);
        yield return Of("guided-imagenet256-uncond", "ImageNet 256×256, unconditional", large, 256, linear);
        yield return Of("guided-imagenet512", "ImageNet 512×512, class-conditional",
            Labelled(Halved(Network(256, [1, 1, 1, 2, 2, 4, 4], 2, [4, 5, 6]))), 512, linear);
        foreach (var scene in new[] { "bedroom", "cat", "horse" })
            yield return Of(
                $"guided-lsun-{scene}", $"LSUN {scene} 256×256", large with { Residual = OpenAiResidual(0.1) }, 256, linear);
        yield return Classifier("guided-classifier64", 64, Network(128, [1, 2, 3, 4], 4, [1, 2, 3]), cosine);
        yield return Classifier("guided-classifier128", 128, Network(128, [1, 1, 2, 3, 4], 2, [2, 3, 4]), linear);
        yield return Classifier("guided-classifier256", 256, Network(128, [1, 1, 2, 2, 4, 4], 2, [3, 4, 5]), linear);
        yield return Classifier("guided-classifier512", 512, Halved(Network(128, [1, 1, 1, 2, 2, 4, 4], 2, [4, 5, 6])), linear);
    }

    private static IEnumerable<KnownModel> Usual() =>
    [
        new("improved-diffusion", "any network of it; 4 heads, linear schedule of 1000 steps, as its script does by default"),
        new("guided-diffusion", "the same for guided-diffusion, a classifier's heads of 64 channels"),
        new("guided-diffusion-new-order", "the same with use_new_attention_order") { Order = FusedOrder.ByKind },
        new(DenoisingDiffusion.Usual, "a network of it without its schedule: v, sigmoid schedule of 1000 steps"),
    ];

    private static KnownModel Of(
        string name, string summary, UNetShape network, int size, NoiseSchedule.Discrete schedule, Objective? objective = null) =>
        new(name, summary)
        {
            Recipe = Trained(
                ImportedRecipe.Of(name, network, new ImageSize(size, size)) with { Schedule = schedule },
                objective ?? new Objective.Hybrid()),
        };

    private static KnownModel Classifier(string name, int size, UNetShape encoder, NoiseSchedule.Discrete schedule) =>
        new(name, $"classifier of noisy ImageNet images {size}×{size}")
        {
            Recipe = ImportedRecipe.Of(name, encoder with { OutputChannels = encoder.InputChannels }, new ImageSize(size, size)) with
            {
                Schedule = schedule,
                Goal = new Goal.Classify(ImageNetClasses, ClassifierPooling.Attention)
                {
                    Positions = (size >> (encoder.Levels.Count - 1)) * (size >> (encoder.Levels.Count - 1)),
                },
            },
        };

    // Drawn in 250 steps, as the repositories' readmes do.
    internal static Recipe Trained(Recipe recipe, Objective objective)
    {
        if (recipe.Goal is not Goal.Denoise)
            return recipe;
        var learned = recipe.Network.PredictsVariance ? new Variance.LearnedRange() : null;
        return recipe with
        {
            Objective = learned is null ? new Objective.Simple() : objective,
            Variance = learned,
            Evaluation = recipe.Evaluation with
            {
                Sampler = new Sampler.Ancestral((Variance?)learned ?? new Variance.Large(), new Clipping.Clip()),
                Spacing = new TimestepSpacing.Sections([250]),
            },
        };
    }

    private static UNetShape OpenAi(
        int channels, int[] multiples, int blocks, int[] attending, Resampling resampling = Resampling.Convolution) => new()
        {
            OutputChannels = 6,
            Levels = multiples.Select((multiple, level) =>
            {
                var block = new BlockShape(attending.Contains(level) ? LevelAttention.Self : LevelAttention.None, resampling);
                return new UNetLevel(channels * multiple, block, block);
            }).ToSequence(),
            BlocksPerLevel = blocks,
            Residual = OpenAiResidual(0),
            Time = OpenAiTime(1),
            Padding = DownsamplePadding.Symmetric,
        };

    // The finest level has half the width; the embedding of time keeps its own.
    private static UNetShape Halved(UNetShape shape) => shape with
    {
        Levels = [shape.Levels[0] with { Channels = shape.BaseChannels / 2 }, .. shape.Levels.Skip(1)],
        Time = shape.Time with { Channels = shape.BaseChannels },
    };

    internal static ResidualShape OpenAiResidual(double dropout) =>
        new() { Epsilon = 1e-5, Dropout = dropout, Injection = TimeInjection.ScaleAndShift };

    internal static TimeEmbeddingShape OpenAiTime(double scale) => new(FrequencyOrder.CosineFirst, 0) { Scale = scale };
}

/// <summary>How queries, keys and values stand in one convolution.</summary>
internal enum FusedOrder
{
    /// <summary>Head after head, each with its queries, its keys and its values.</summary>
    ByHead,

    /// <summary>All queries, all keys, all values.</summary>
    ByKind,
}
