using Diffusion.Math.Training;
using Diffusion.Model.Images;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;

namespace Diffusion.Model.Interchange;

/// <summary>What is known of a model that others trained, as a recipe to be completed.</summary>
internal static class ImportedRecipe
{
    /// <summary>A recipe of noise prediction over the linear schedule of 1000 steps, which most models are of.</summary>
    /// <param name="name">What the model is called, in any characters.</param>
    /// <param name="shape">Its network.</param>
    /// <param name="size">Height and width of its images, where they are known.</param>
    public static Recipe Of(string name, UNetShape shape, ImageSize? size) => new()
    {
        Name = RecipeName.Of(name),
        Data = new()
        {
            Set = "folder",
            Size = size is { } square && square.Height == square.Width ? square.Height : null,
            Found = size is { } oblong && oblong.Height != oblong.Width ? oblong : null,
        },
        Network = shape,
        Labels = shape.Labels is { Null: NullLabel.Learned } ? new Conditioning.Labelled() : new Conditioning.None(),
        // What the weights are an average of, if of anything, is not known.
        Ema = [new EmaDecay.Constant(0)],
        Length = new() { Steps = 1, EvaluateEvery = new EvaluationInterval.Steps(1) },
        Evaluation = new(),
    };
}
