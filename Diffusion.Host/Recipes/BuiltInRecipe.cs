using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;

namespace Diffusion.Host.Recipes;

/// <summary>A recipe that the program carries, in both sizes.</summary>
/// <param name="Name">The word that asks for it.</param>
/// <param name="Summary">One line for a person.</param>
/// <param name="Quick">Minutes on a CPU.</param>
/// <param name="Paper">As published.</param>
public sealed record BuiltInRecipe(string Name, string Summary, Recipe Quick, Recipe Paper)
{
    private const int Classes = 10;

    /// <summary>All of them.</summary>
    public static Sequence<BuiltInRecipe> All { get; } =
    [
        Of("MNIST, unconditional", BuiltIn.MnistQuick, BuiltIn.MnistPaper),
        Of("MNIST, class-conditional, for classifier-free guidance", Labelled(BuiltIn.MnistQuick), Labelled(BuiltIn.MnistPaper)),
        Of("CIFAR-10, unconditional: Ho et al. 2020", BuiltIn.Cifar10Quick, BuiltIn.Cifar10Paper),
        Of("CIFAR-10, class-conditional, for classifier-free guidance: Ho and Salimans 2021",
            Labelled(BuiltIn.Cifar10Quick), Labelled(BuiltIn.Cifar10Paper)),
        Of("CIFAR-10, EDM preconditioning and second-order sampler: Karras et al. 2022",
            RecipeVariation.Elucidated(BuiltIn.Cifar10Quick), Published(RecipeVariation.Elucidated(BuiltIn.Cifar10Paper))),
        Of("CIFAR-10, learned variance and hybrid objective: Nichol and Dhariwal 2021",
            RecipeVariation.Hybrid(BuiltIn.Cifar10Quick), RecipeVariation.Hybrid(BuiltIn.Cifar10Paper)),
        Of("noise-aware classifier of MNIST, to guide the recipe mnist: Dhariwal and Nichol 2021",
            RecipeVariation.Classifying(BuiltIn.MnistQuick, Classes, BuiltIn.ClassifierQuick),
            RecipeVariation.Classifying(BuiltIn.MnistPaper, Classes, BuiltIn.ClassifierPaper)),
        Of("noise-aware classifier of CIFAR-10, to guide the recipe cifar10",
            RecipeVariation.Classifying(BuiltIn.Cifar10Quick, Classes, BuiltIn.ClassifierQuick),
            RecipeVariation.Classifying(BuiltIn.Cifar10Paper, Classes, BuiltIn.ClassifierPaper)),
        Of("your own images: train folder --data DIR", BuiltIn.FolderQuick, BuiltIn.FolderPaper),
    ];

    /// <summary>The recipe of a size.</summary>
    public Recipe At(Preset preset) => preset == Preset.Quick ? Quick : Paper;

    private static BuiltInRecipe Of(string summary, Recipe quick, Recipe paper) => new(quick.Name, summary, quick, paper);

    private static Recipe Labelled(Recipe recipe) => RecipeVariation.Labelled(recipe, Classes);

    // Training as in the paper's CIFAR-10 runs: 200 million images in batches of 512, its rate risen after 10 million.
    private static Recipe Published(Recipe recipe)
    {
        const int batch = 512;
        return recipe with
        {
            Network = recipe.Network with { Residual = recipe.Network.Residual with { Dropout = 0.13 } },
            Optimiser = new() { Rate = new LearningRate.WarmUp(1e-3, 10_000_000 / batch) },
            Averages = [new EmaDecay.HalfLife(500_000.0 / batch)],
            Length = recipe.Length with { Steps = 200_000_000 / batch, StepsPerEpoch = 5_000, Batch = batch },
        };
    }
}
