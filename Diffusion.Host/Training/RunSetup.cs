using Diffusion.Host.Commands;
using Diffusion.Host.Downloads;
using Diffusion.Host.Recipes;
using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;

namespace Diffusion.Host.Training;

/// <summary>From what a person asked for to a recipe and its pictures.</summary>
public static class RunSetup
{
    /// <summary>The recipe of a new run: the named one at the size that suits, then what was asked for.</summary>
    /// <exception cref="InputException">There is no such recipe, or a setting does not fit it.</exception>
    public static Recipe NewRecipe(RecipeSource source, TrainOptions options, Machine machine)
    {
        var preset = options.Preset ?? machine.Preset;
        var recipe = source switch
        {
            RecipeSource.BuiltIn named => (BuiltIn.Find(named.Name, preset) ?? throw Unknown(named.Name)),
            RecipeSource.File file => RecipeFile.Read(file.Path),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        var length = Lengthened(recipe.Length, options);
        // A learning rate that ends with the run still does.
        var rate = recipe.Optimiser.Rate is LearningRate.WarmUpCosine cosine && cosine.Total == recipe.Length.Steps && length.Steps <= int.MaxValue
            ? cosine with { Total = (int)length.Steps }
            : recipe.Optimiser.Rate;
        return RecipeChanges.Apply(
            recipe with { Seed = options.Seed ?? recipe.Seed, Length = length, Optimiser = recipe.Optimiser with { Rate = rate } }, options.Changes);
    }

    /// <summary>A built-in recipe in the arithmetic and memory layout that are fastest here; a file, or a setting that was asked for, says its own.</summary>
    public static Recipe Tuned(Recipe recipe, RecipeSource source, TrainOptions options, Provenance pictures, Machine machine)
    {
        if (source is not RecipeSource.BuiltIn)
            return recipe;
        bool IsOpen(string path) => options.Changes.All(change => change.Path != path);
        var arithmetics = IsOpen("precision") ? FastestArithmetic.WithAnyPrecision(recipe) : [recipe];
        var ways = IsOpen("layout") ? arithmetics.SelectMany(way => FastestArithmetic.WithAnyLayout(way, machine.Device.type)).ToSequence() : arithmetics;
        return FastestArithmetic.Among(ways, pictures.Shape, machine.Device);
    }

    /// <summary>The length asked for; what is not asked for stays.</summary>
    public static LengthRecipe Lengthened(LengthRecipe length, TrainOptions options)
    {
        var steps = options.Steps ?? options.Epochs * length.StepsPerEpoch ?? length.Steps;
        return length with { Steps = steps, StepsPerEpoch = Min(length.StepsPerEpoch, steps), Batch = options.Batch ?? length.Batch };
    }

    /// <summary>The pictures of a recipe.</summary>
    /// <exception cref="InputException">They are not those the recipe was made for, cannot be found or are damaged.</exception>
    public static LocatedData Pictures(DataRecipe data, TrainOptions options, IProgress<DownloadEvent> progress, CancellationToken stopping)
    {
        var found = data.Set switch
        {
            "cifar10" => Located(Dataset.Cifar10, options, progress, stopping),
            "mnist" => Located(Dataset.Mnist, options, progress, stopping),
            "folder" => FolderPictures.Open(options.Data ?? throw new InputException("--data", "nothing", "the folder of pictures to train on"), data.Side),
            _ => throw new InputException("data.set", $"'{data.Set}'", "cifar10, mnist or folder"),
        };
        if (data.Sha256 is { } expected && found.Train.Provenance.Sha256 != expected)
            throw new InputException("training pictures", found.Train.Provenance.ToString(), $"those with sha256 {expected}, which the recipe was made for; --data DIR names their folder");
        return found;
    }

    private static LocatedData Located(Dataset dataset, TrainOptions options, IProgress<DownloadEvent> progress, CancellationToken stopping)
    {
        using var client = Downloader.NewClient();
        var locator = new DataLocator(CacheFolder.Default, new(client, Patience.Default, progress));
        var network = options.Downloads == DownloadPolicy.Allowed ? Network.Allowed : Network.Forbidden;
        return locator.Locate(new(dataset, options.Data, network), stopping).GetAwaiter().GetResult();
    }

    private static InputException Unknown(string name) => new("recipe", $"'{name}'", "a recipe.json, or a name that the command recipes lists");
}
