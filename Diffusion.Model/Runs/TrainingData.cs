using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;

namespace Diffusion.Model.Runs;

/// <summary>The images of a run; not owned by it.</summary>
/// <param name="Train">Those it is trained on.</param>
/// <param name="Test">Those that are held out; null where there are none.</param>
public sealed record TrainingData(IImageSource Train, IImageSource? Test = null)
{
    /// <summary>A recipe with what it has to remember of these images: their hash, the names of their classes, and a size that they alone know.</summary>
    public Recipe Remembered(Recipe recipe)
    {
        var found = Train.Provenance;
        return recipe with
        {
            Data = recipe.Data with
            {
                Sha256 = found.Sha256,
                ClassNames = found.Description.ClassNames,
                Found = recipe.Data is { Set: "folder", Side: null } ? new(found.Shape.Height, found.Shape.Width) : recipe.Data.Found,
            },
        };
    }

    /// <summary>Refuses images that are not those a recipe was made for, where it says them.</summary>
    /// <exception cref="InputException">They are others.</exception>
    public void RefuseOthers(Recipe recipe)
    {
        if (recipe.Data.Sha256 is { } expected && Train.Provenance.Sha256 != expected)
            throw new InputException(
                "training images", Train.Provenance.ToString(),
                $"those with sha256 {expected}, which the recipe was made for; --data DIR names their folder");
    }

    /// <summary>Refuses a recipe that cannot be carried out on these images: libtorch would say so in words of its own.</summary>
    /// <exception cref="InputException">They are other images than the recipe was made for, or have other channels or classes.</exception>
    public void RefuseUnlessFor(Recipe recipe)
    {
        RefuseOthers(recipe);
        var found = Train.Provenance;
        if (recipe.Network.InputChannels != found.Shape.Channels)
            throw new InputException("network.inputChannels", $"{recipe.Network.InputChannels}", $"{found.Shape.Channels}, as the images have");
        var classes = found.Description.ClassNames.Count;
        if (recipe.Goal is Goal.Classify goal && goal.Classes != classes)
            throw new InputException("recipe", $"a classifier of {goal.Classes} classes", $"{classes}, as the images have");
    }
}
