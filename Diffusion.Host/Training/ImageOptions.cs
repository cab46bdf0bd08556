using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Host.Options;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Model.Runtime;
using Diffusion.Model.Training;

namespace Diffusion.Host.Training;

/// <summary>What was asked for about the images of a run: their place, their size, their labels.</summary>
internal static class ImageOptions
{
    private const string Own = "folder";

    /// <summary>The options with the place of the images, where nobody says one and a repeated run remembers it.</summary>
    /// <exception cref="InputException">The images are no longer where they were.</exception>
    public static TrainOptions Placed(RecipeSource source, TrainOptions options, Session session) =>
        options.Data is null && source is RecipeSource.File file && Path.GetDirectoryName(Path.GetFullPath(file.Path)) is { } run
        && RecipeFile.Read(file.Path).Data.Set == Own
            ? Remembered(run, options with { Data = DataPlace.Find(run, null, session.Say) })
            : options;

    /// <summary>The options of a run that begins with the weights of another one: on its images, where nobody says others.</summary>
    /// <param name="source">The run whose weights are taken.</param>
    /// <param name="recipe">Its recipe.</param>
    /// <param name="options">What was asked for.</param>
    /// <param name="session">Who is talked to.</param>
    /// <exception cref="InputException">The images are no longer where they were.</exception>
    public static TrainOptions OfSource(string source, Recipe recipe, TrainOptions options, Session session) =>
        options.Data is null && recipe.Data.Set == Own && options.Changes.All(change => change.Path != "data.set")
            ? Remembered(source, options with { Data = DataPlace.Find(source, null, session.Say) })
            : options;

    /// <summary>The recipe for as many classes as the images have, where it has labels or tells them apart.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="images">The images; null while they are not found.</param>
    public static Recipe WithClassesOf(Recipe recipe, Provenance? images) =>
        (recipe.Goal, images?.Description.ClassNames.Count ?? 0) switch
        {
            (Goal.Classify goal, >= 2 and var classes) => recipe with { Goal = goal with { Classes = classes } },
            (Goal.Denoise, >= 2 and var classes) when recipe is { Labels: Conditioning.Labelled, Network.Labels: { } labels } =>
                recipe with { Network = recipe.Network with { Labels = labels with { Classes = classes } } },
            _ => recipe,
        };

    /// <summary>The options with what a run remembers of images that cannot be decoded, where nobody asks for it again.</summary>
    /// <param name="run">The path of the run folder.</param>
    /// <param name="options">What was asked for.</param>
    public static TrainOptions Remembered(string run, TrainOptions options) =>
        options.Bad == BadImages.Refused ? options with { Bad = DataPlace.BadOf(run) } : options;

    /// <summary>
    /// The options with size and channels of a pack, where a built-in recipe leaves them open and nobody asks for others.
    /// </summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="source">Where it comes from.</param>
    /// <param name="options">What was asked for.</param>
    /// <exception cref="InputException">The pack is damaged.</exception>
    public static TrainOptions AsPacked(Recipe recipe, RecipeSource source, TrainOptions options)
    {
        if (source is not RecipeSource.BuiltIn || recipe.Data.Set != Own || options.Data is not { } place || !ImagePack.IsAt(place))
            return options;
        var shape = ImagePack.Describe(place)[0].Shape;
        var isOpen = options.Changes.All(change => change.Path is not ("data" or "data.size" or "data.width"));
        return options with
        {
            Size = options.Size ?? (isOpen ? new(shape.Height, shape.Width) : null),
            Channels = options.Channels ?? ChannelKinds.Of(shape.Channels),
        };
    }

    /// <summary>The recipe with images of another size; the images it was made for then say nothing.</summary>
    /// <exception cref="InputException">Its images have a size of their own.</exception>
    public static Recipe Scaled(Recipe recipe, ImageSize size)
    {
        if (Dataset.Find(recipe.Data.Set) is { } dataset)
            throw new InputException("--size", Text(size),
                $"nothing: the images of {dataset.Title} are {dataset.Shape.Height}×{dataset.Shape.Width}; "
                + "only your own are scaled (--set data.set=folder --data PLACE)");
        var data = recipe.Data with { Size = size.Height, Width = size.Width == size.Height ? null : size.Width };
        return data == recipe.Data ? recipe : recipe with { Data = data with { Found = null, Sha256 = null } };
    }

    /// <summary>The recipe of a network for images of other channels; those it was made for then say nothing.</summary>
    /// <exception cref="InputException">Its images have channels of their own.</exception>
    public static Recipe Coloured(Recipe recipe, ImageChannels channels)
    {
        var count = channels.Count();
        if (Dataset.Find(recipe.Data.Set) is { } dataset)
            throw new InputException("--channels", channels.Word(),
                $"nothing: the images of {dataset.Title} have {Counted.Of(dataset.Shape.Channels, "channel")}");
        return recipe.Network.InputChannels == count ? recipe : recipe with
        {
            Network = recipe.Network with { InputChannels = count, OutputChannels = recipe.Network.PredictsVariance ? 2 * count : count },
            // What keeps its transparency lies over nothing.
            Data = recipe.Data with { Sha256 = null, Background = count == 4 ? null : recipe.Data.Background },
        };
    }

    /// <summary>Whether nobody says how many channels the images of a folder have: then they have one where all are grey.</summary>
    /// <param name="source">Where the recipe comes from.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="options">What was asked for.</param>
    public static bool LeavesChannelsOpen(RecipeSource source, Recipe recipe, TrainOptions options) =>
        source is RecipeSource.BuiltIn && recipe.Data.Set == Own && options is { Channels: null, From: null }
        && options.Changes.All(change => !change.Path.StartsWith("network", StringComparison.Ordinal));

    /// <summary>The recipe with transparency laid over a colour; the images it was made for then say nothing.</summary>
    /// <exception cref="InputException">Its images have no transparency.</exception>
    public static Recipe Over(Recipe recipe, PixelColour background)
    {
        if (Dataset.Find(recipe.Data.Set) is { } dataset)
            throw new InputException("--background", $"{background}", $"nothing: the images of {dataset.Title} are opaque");
        if (recipe.Network.InputChannels == 4)
            throw new InputException("--background", $"{background}", "nothing: this model has alpha, which is kept");
        var data = recipe.Data with { Background = background.ToString() };
        return data == recipe.Data ? recipe : recipe with { Data = data with { Sha256 = null } };
    }

    /// <summary>Refuses images of a size that no step can be made with, before they are read.</summary>
    /// <exception cref="InputException">A single one does not fit into memory.</exception>
    public static void RefuseTooLarge(Recipe recipe, Machine machine)
    {
        if (recipe.Data.Size is { } height && recipe.Data.ShapeOf(recipe.Network.InputChannels) is { } shape
            && MemoryNeed.Of(recipe, shape).Refusal(DeviceMemory.AvailableOn(machine.Device)) is { } refusal)
            throw new InputException("--size", Text(new(height, recipe.Data.Width ?? height)), $"smaller images, as this is {refusal}");
    }

    /// <summary>The recipe with a model that is conditioned on the labels of its images.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="images">The images; null while they are not found, and their classes not counted.</param>
    /// <exception cref="InputException">There are no labels, or it trains a classifier.</exception>
    public static Recipe Labelled(Recipe recipe, Provenance? images)
    {
        if (recipe.Goal is Goal.Classify)
            throw new InputException("--labels", "a classifier, which learns the labels", "a recipe of a model that generates images");
        var classes = images?.Description.ClassNames.Count;
        if (classes < 2)
            throw new InputException("--labels",
                images!.Description.LabelSource is "1 class"
                    ? "images of one class" : $"images without labels ({images.Description.LabelSource})",
                "a subfolder for each class, or labels in labels.csv or dataset.json");
        return recipe.Labels is Conditioning.Labelled ? recipe : RecipeVariation.Labelled(recipe, classes ?? 1);
    }

    /// <summary>That the images have labels on which the model is not conditioned; null where that is not so.</summary>
    public static string? Unused(Recipe recipe, Provenance images) =>
        recipe is { Data.Set: Own, Labels: Conditioning.None, Goal: Goal.Denoise } && images.Description.ClassNames.Count > 1
            ? "the classes are not used; --labels trains a class-conditional model"
            : null;

    private static string Text(ImageSize size) => size.Width == size.Height
        ? size.Height.ToString(CultureInfo.InvariantCulture) : FormattableString.Invariant($"{size.Height}x{size.Width}");
}
