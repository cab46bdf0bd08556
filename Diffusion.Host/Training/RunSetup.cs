using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Host.Downloads;
using Diffusion.Host.Options;
using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;

namespace Diffusion.Host.Training;

/// <summary>From what a person asked for to a recipe and its images.</summary>
public static class RunSetup
{
    /// <summary>The recipe of a new run: the named one at the size that suits, then what was asked for.</summary>
    /// <exception cref="InputException">There is no such recipe, or a setting does not fit it.</exception>
    public static Recipe NewRecipe(RecipeSource source, TrainOptions options, Machine machine)
    {
        var preset = options.Preset ?? machine.Preset;
        var recipe = source switch
        {
            RecipeSource.BuiltIn named => (BuiltInRecipes.Find(named.Name)?.At(preset) ?? throw Unknown(named.Name)),
            RecipeSource.File file => RecipeFile.Read(file.Path),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        var sized = Following(recipe, recipe with { Seed = options.Seed ?? recipe.Seed, Length = Lengthened(recipe.Length, options) }, []);
        return Following(sized, RecipeChanges.Apply(sized, options.Changes), options.Changes);
    }

    /// <summary>A recipe of another length, whose rate follows: one that ended with the run still does, unless its end was asked for.</summary>
    /// <param name="before">The recipe it was made of.</param>
    /// <param name="after">The recipe.</param>
    /// <param name="changes">What was asked for.</param>
    public static Recipe Following(Recipe before, Recipe after, Sequence<RecipeChange> changes) => changes.All(change => change.Path != "optimiser.rate.total")
        ? after with { Optimiser = after.Optimiser with { Rate = after.Optimiser.Rate.Over(before.Length.Steps, after.Length.Steps) } }
        : after;

    /// <summary>What a person should know of the learning rate before the first step: that it is 0 for long, or never reaches its peak.</summary>
    public static string? Idleness(Recipe recipe)
    {
        var (steps, from) = (recipe.Length.Steps, recipe.Optimiser.Rate.ZeroFrom(recipe.Length.Steps));
        if ((steps - from) * 100 <= steps)
            return null;
        var way = recipe.Optimiser.Rate is LearningRate.WarmUpCosine or LearningRate.WarmUpLinear
            ? $"; --set optimiser.rate.total={steps} lets it end with the run"
            : "";
        return string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"the learning rate is 0 from step {from + 1} on: {steps - from} of {steps} steps change no weight{way}");
    }

    /// <summary>A built-in recipe in the arithmetic and memory layout that are fastest here; a file, or a setting that was asked for, says its own.</summary>
    public static Recipe Tuned(Recipe recipe, RecipeSource source, TrainOptions options, Provenance images, Machine machine)
    {
        CheckChannels(recipe, images);
        if (source is not RecipeSource.BuiltIn)
            return recipe;
        bool IsOpen(string path) => options.Changes.All(change => change.Path != path);
        var arithmetics = IsOpen("precision") ? FastestArithmetic.WithAnyPrecision(recipe) : [recipe];
        var ways = IsOpen("layout") ? arithmetics.SelectMany(way => FastestArithmetic.WithAnyLayout(way, machine.Device.type)).ToSequence() : arithmetics;
        return FastestArithmetic.Among(ways, images.Shape, machine.Device);
    }

    /// <summary>Refuses images that the network does not take: libtorch would say so in words of its own.</summary>
    /// <exception cref="InputException">They have other channels.</exception>
    public static void CheckChannels(Recipe recipe, Provenance images)
    {
        if (recipe.Network.InputChannels != images.Shape.Channels)
            throw new InputException("network.inputChannels", $"{recipe.Network.InputChannels}", $"{images.Shape.Channels}, as the images have");
    }

    /// <summary>The length asked for; what is not asked for stays.</summary>
    public static LengthRecipe Lengthened(LengthRecipe length, TrainOptions options) =>
        length with { Steps = options.Steps ?? length.Steps, Batch = options.Batch ?? length.Batch };

    /// <summary>The options, with the epochs that were asked for as steps: what an epoch is shows when the images are found.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="batch">Images per update.</param>
    /// <param name="images">The images.</param>
    public static TrainOptions InSteps(TrainOptions options, int batch, Provenance images) =>
        options with { Epochs = null, Steps = options.Steps ?? (options.Epochs is { } epochs ? EvaluationSchedule.StepsIn(epochs, batch, images.Count) : null) };

    /// <summary>The images of a recipe.</summary>
    /// <exception cref="InputException">They are not those the recipe was made for, cannot be found or are damaged.</exception>
    public static TrainingData Images(Recipe recipe, TrainOptions options, Session session)
    {
        var (data, progress, stopping) = (recipe.Data, new DownloadLines(session), session.Stopping);
        var found = Dataset.Find(data.Set) is { } dataset ? Located(dataset, options, progress, stopping)
            : data.Set == "folder" ? Folder(recipe, options, session)
            : throw new InputException("data.set", $"'{data.Set}'", $"{Dataset.Names} or folder");
        if (data.Sha256 is { } expected && found.Train.Provenance.Sha256 != expected)
            throw new InputException("training images", found.Train.Provenance.ToString(), $"those with sha256 {expected}, which the recipe was made for; --data DIR names their folder");
        return found;
    }

    private static TrainingData Folder(Recipe recipe, TrainOptions options, Session session)
    {
        ImageFit fit = recipe.Data.Size is { } side ? new ImageFit.CentralSquare(side) : new ImageFit.Unchanged();
        var place = options.Data ?? throw new InputException("--data", "nothing", "the folder of images to train on");
        return TrainingData.Open(place, new(Split.Train, fit)
        {
            Bad = options.Bad,
            Channels = recipe.Network.InputChannels == 1 ? ImageChannels.Grey : ImageChannels.Colour,
            Advice = "--skip-bad skips those that cannot",
            Remembered = CacheFolder.Default["images"],
            Progress = new LookLines(session),
            Stopping = session.Stopping,
        });
    }

    private static TrainingData Located(Dataset dataset, TrainOptions options, IProgress<DownloadEvent> progress, CancellationToken stopping)
    {
        using var client = Downloader.NewClient();
        var locator = new DataLocator(CacheFolder.Default, new(client, Patience.Default, progress));
        return locator.Locate(new(dataset, options.Data, options.Downloads), stopping).GetAwaiter().GetResult();
    }

    private static InputException Unknown(string name) => new("recipe", $"'{name}'", "a recipe.json, or a name that the command recipes lists");
}
