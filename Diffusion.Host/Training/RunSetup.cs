using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Host.Downloads;
using Diffusion.Host.Models;
using Diffusion.Host.Options;
using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Model.Training;

namespace Diffusion.Host.Training;

/// <summary>From what a person asked for to a recipe and its images.</summary>
public static class RunSetup
{
    /// <summary>The recipe of a new run: the named one at the size that suits, then what was asked for.</summary>
    /// <param name="source">Where the recipe comes from.</param>
    /// <param name="options">What was asked for.</param>
    /// <param name="machine">Decides the size where nothing else does.</param>
    /// <param name="images">
    /// The images once they are found: how long an epoch is and how many classes there are shows only then, and until then is open.
    /// </param>
    /// <exception cref="InputException">There is no such recipe, or a setting does not fit it or the images.</exception>
    public static Recipe NewRecipe(RecipeSource source, TrainOptions options, Machine machine, Provenance? images = null)
    {
        var preset = options.Preset ?? machine.Preset;
        var recipe = source switch
        {
            RecipeSource.BuiltIn named => (BuiltInRecipes.Find(named.Name)?.At(preset) ?? throw Unknown(named.Name)),
            RecipeSource.File file => RecipeFile.Read(file.Path),
            RecipeSource.Found found => ImageOptions.WithClassesOf(found.Recipe, images),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        if (images is not null && options.Epochs is not null)
            options = InSteps(options, NewRecipe(source, options, machine).Length.Batch, images);
        var sized = LearningRateAdvice.Following(
            recipe, recipe with { Seed = options.Seed ?? recipe.Seed, Length = Lengthened(recipe.Length, options) }, []);
        options = ImageOptions.AsPacked(sized, source, options);
        // Only images of one's own have a size, channels and a background to choose.
        sized = RecipeChanges.Apply(sized, [.. options.Changes.Where(change => change.Path == "data.set")]);
        if (options.Size is { } size)
            sized = ImageOptions.Scaled(sized, size);
        var seen = images?.Shape.Channels == 1 && ImageOptions.LeavesChannelsOpen(source, sized, options)
            ? ImageChannels.Grey : (ImageChannels?)null;
        if ((options.Channels ?? seen) is { } channels)
            sized = ImageOptions.Coloured(sized, channels);
        if (options.Background is { } background)
            sized = ImageOptions.Over(sized, background);
        if (options.Labels == ImageLabels.Conditional)
            sized = ImageOptions.Labelled(sized, images);
        return LearningRateAdvice.Following(sized, RecipeChanges.Apply(sized, options.Changes), options.Changes);
    }

    /// <summary>
    /// A built-in recipe in the arithmetic and memory layout that are fastest here; a file, or a setting that was asked for, says its
    /// own.
    /// </summary>
    public static Recipe Tuned(Recipe recipe, RecipeSource source, TrainOptions options, Provenance images, Machine machine)
    {
        if (source is not RecipeSource.BuiltIn)
            return recipe;
        bool IsOpen(string path) => options.Changes.All(change => change.Path != path);
        var arithmetics = IsOpen("precision") ? FastestArithmetic.WithAnyPrecision(recipe) : [recipe];
        var ways = IsOpen("layout")
            ? arithmetics.SelectMany(way => FastestArithmetic.WithAnyLayout(way, machine.Device.type)).ToSequence()
            : arithmetics;
        return FastestArithmetic.Among(ways, images.Shape, machine.Device);
    }

    /// <summary>
    /// How long the steps of a built-in recipe may take at its quick size; null for others, and where a length was asked for.
    /// </summary>
    public static TimeSpan? QuickTraining(RecipeSource source, TrainOptions options, Machine machine) =>
        source is RecipeSource.BuiltIn { Name: var name } && (options.Preset ?? machine.Preset) == Preset.Quick
            && options is { Steps: null, Epochs: null, Time: null }
            && options.Changes.All(change => !change.Path.StartsWith("length.", StringComparison.Ordinal))
            ? BuiltInRecipes.Find(name)?.QuickTraining
            : null;

    /// <summary>The length asked for; what is not asked for stays.</summary>
    public static LengthRecipe Lengthened(LengthRecipe length, TrainOptions options) =>
        length with { Steps = options.Steps ?? length.Steps, Batch = options.Batch ?? length.Batch };

    /// <summary>The options, with the epochs that were asked for as steps: what an epoch is shows when the images are found.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="batch">Images per update.</param>
    /// <param name="images">The images.</param>
    public static TrainOptions InSteps(TrainOptions options, int batch, Provenance images) =>
        options with { Epochs = null,
            Steps = options.Steps ?? (options.Epochs is { } epochs ? EvaluationSchedule.StepsIn(epochs, batch, images.Count) : null) };

    /// <summary>The images of a recipe.</summary>
    /// <exception cref="InputException">They are not those the recipe was made for, cannot be found or are damaged.</exception>
    public static TrainingData Images(Recipe recipe, TrainOptions options, Session session)
    {
        var data = recipe.Data;
        var found = Dataset.Find(data.Set) is { } dataset ? Located(dataset, options, session)
            : data.Set == "folder" ? Folder(recipe, options, session)
            : throw new InputException("data.set", $"'{data.Set}'", $"{Dataset.Names} or folder");
        recipe.RefuseOthers(found);
        return found;
    }

    /// <summary>
    /// The images that a trained model is compared with: those that it was trained on. A model that comes with the program was trained
    /// elsewhere: it is compared with what is found of its data set, as by <c>fid</c>, be it the embedded subset.
    /// </summary>
    /// <param name="model">The model's folder, as it was resolved.</param>
    /// <param name="recipe">Its recipe.</param>
    /// <param name="options">What was asked for.</param>
    /// <param name="session">Where it is said what the images are.</param>
    /// <exception cref="InputException">They are not those the model was trained on, cannot be found or are damaged.</exception>
    public static TrainingData ImagesOf(string model, Recipe recipe, TrainOptions options, Session session)
    {
        var data = Images(CarriedModels.Owns(model) && options.Data is null
            ? recipe with { Data = recipe.Data with { Sha256 = null } } : recipe, options, session);
        session.Say(data.Line);
        return data;
    }

    /// <summary>The images of a new run: in one channel where all are grey and nobody says how many there are.</summary>
    /// <param name="source">Where the recipe comes from.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="options">What was asked for.</param>
    /// <param name="session">Who is talked to.</param>
    /// <exception cref="InputException">They are not those the recipe was made for, cannot be found or are damaged.</exception>
    public static TrainingData NewImages(RecipeSource source, Recipe recipe, TrainOptions options, Session session)
    {
        var found = Images(recipe, options, session);
        if (recipe.Network.InputChannels == 1 || !found.Train.Provenance.Description.IsGrey
            || !ImageOptions.LeavesChannelsOpen(source, recipe, options))
            return found;
        found.Dispose();
        session.Say("all images are grey: the model has one channel; --channels rgb gives it three");
        return Images(ImageOptions.Coloured(recipe, ImageChannels.Grey), options, session);
    }

    private static TrainingData Folder(Recipe recipe, TrainOptions options, Session session)
    {
        var found = Folder(recipe, options, session, OuterFolder.LookedThrough);
        if (recipe.Data is not { Sha256: { } expected, ClassNames.Count: <= 1 } || found.Train.Provenance.Sha256 == expected)
            return found;
        // Runs of before took an outer folder for a class.
        using (found)
            return Folder(recipe, options, session, OuterFolder.Class);
    }

    private static TrainingData Folder(Recipe recipe, TrainOptions options, Session session, OuterFolder outer)
    {
        ImageFit fit = recipe.Data.Size is { } height
            ? new ImageFit.CentralCrop(height, recipe.Data.Width ?? height) : new ImageFit.Unchanged();
        var place = options.Data ?? throw new InputException(
            "--data", "nothing", "the folder, archive or pack of images to train on, such as --data photos");
        return TrainingData.Open(place, new(Split.Train, fit)
        {
            Bad = options.Bad,
            Outer = outer,
            Channels = ChannelKinds.Of(recipe.Network.InputChannels),
            Background = PixelColour.TryParse(recipe.Data.Background ?? "", out var background) ? background : PixelColour.White,
            Advice = "--skip-bad skips those that cannot",
            Remembered = CacheFolder.Default["images"],
            Progress = new LookLines(session),
            Stopping = session.Stopping,
        });
    }

    /// <summary>The images of a data set: where a person says, in the cache, downloaded, or the embedded ones.</summary>
    /// <exception cref="InputException">They cannot be found or are damaged.</exception>
    public static TrainingData Located(Dataset dataset, TrainOptions options, Session session)
    {
        using var client = Downloader.NewClient();
        var locator = new DataLocator(CacheFolder.Default, new(client, Patience.Default, new DownloadLines(session)));
        return locator.Locate(new(dataset, options.Data, options.Downloads), session.Stopping).GetAwaiter().GetResult();
    }

    private static InputException Unknown(string name) =>
        new("recipe", $"'{name}'", "a recipe.json, or a name that the command recipes lists");
}
