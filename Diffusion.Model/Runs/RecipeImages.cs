using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;

namespace Diffusion.Model.Runs;

/// <summary>What a recipe and the images it is carried out on have to do with each other.</summary>
public static class RecipeImages
{
    /// <summary>
    /// A recipe with what it has to remember of its images: their hash, the names of their classes, and a size that they alone know.
    /// </summary>
    public static Recipe Remembering(this Recipe recipe, TrainingData data)
    {
        var found = data.Train.Provenance;
        return recipe with
        {
            Data = recipe.Data with
            {
                Sha256 = found.Sha256,
                ClassNames = found.Description.ClassNames,
                Found = recipe.Data is { Set: "folder", Size: null } ? new(found.Shape.Height, found.Shape.Width) : recipe.Data.Found,
            },
        };
    }

    /// <summary>Refuses images that are not those a recipe was made for, where it says them.</summary>
    /// <exception cref="InputException">They are others.</exception>
    public static void RefuseOthers(this Recipe recipe, TrainingData data)
    {
        if (recipe.Data.Sha256 is { } expected && data.Train.Provenance.Sha256 != expected)
            throw new InputException(
                "training images", data.Train.Provenance.ToString(),
                $"those with sha256 {expected}, which the recipe was made for; --data DIR names their folder");
    }

    /// <summary>Refuses images that a recipe cannot be carried out on: libtorch would say so in words of its own.</summary>
    /// <exception cref="InputException">They are other images than it was made for, or have other channels or classes.</exception>
    public static void RefuseUnfit(this Recipe recipe, TrainingData data)
    {
        recipe.RefuseOthers(data);
        var found = data.Train.Provenance;
        if (recipe.Network.InputChannels != found.Shape.Channels)
            throw new InputException(
                "network.inputChannels", $"{recipe.Network.InputChannels}", $"{found.Shape.Channels}, as the images have");
        var classes = found.Description.ClassNames.Count;
        if (recipe.Goal is Goal.Classify goal && goal.Classes != classes)
            throw new InputException("recipe", $"a classifier of {goal.Classes} classes", $"{classes}, as the images have");
        if (recipe.Goal is Goal.Denoise && recipe.Labels is Conditioning.None && recipe.Network.Labels is { Null: NullLabel.Absent })
            throw new InputException(
                "network.labels", "a network that needs a label for every image", "--labels, which gives it a null label");
        if (recipe.Labels is Conditioning.Labelled && recipe.Network.Labels is { } labels && labels.Classes != classes)
            throw new InputException("network.labels.classes", $"{labels.Classes}", $"{classes}, as the images have");
    }
}
