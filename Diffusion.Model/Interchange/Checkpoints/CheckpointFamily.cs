using Diffusion.Model.Formats;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;

namespace Diffusion.Model.Interchange.Checkpoints;

/// <summary>A program whose checkpoints are read: how its networks are recognised, and which networks here they are.</summary>
internal abstract class CheckpointFamily
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<CheckpointFamily> All { get; } = 
        [new OpenAi(), new PytorchDdpm(), new DdpmTorch(), new DenoisingDiffusion(), new Edm(), new Edm2()];

    /// <summary>What the program is called.</summary>
    public abstract string Name { get; }

    /// <summary>The end of the name of a tensor that every network of it has once.</summary>
    public abstract string First { get; }

    /// <summary>Whether a known model may be one of its networks.</summary>
    public virtual bool Knows(KnownModel model) => false;

    /// <summary>Whether these are the tensors of one of its networks, of which there is <see cref="First"/>.</summary>
    public abstract bool Recognises(TensorMapping tensors);

    /// <summary>The recipe of the model, as far as its file says it.</summary>
    /// <param name="tensors">The tensors of its network.</param>
    /// <param name="source">The file.</param>
    /// <param name="note">Called, in sentences, with what was taken for granted.</param>
    /// <exception cref="Files.InputException">The file does not say enough; the message says what is missing.</exception>
    public abstract Recipe RecipeOf(TensorMapping tensors, CheckpointSource source, Action<string> note);

    /// <summary>Gives every tensor of a network the name and the layout that it has here.</summary>
    /// <param name="tensors">The tensors.</param>
    /// <param name="recipe">The recipe, which has the network.</param>
    /// <param name="source">The file.</param>
    public abstract void Map(TensorMapping tensors, Recipe recipe, CheckpointSource source);
}

/// <summary>A file of weights, and what a person said of it.</summary>
/// <param name="File">The file.</param>
/// <param name="Request">What was said of it.</param>
internal sealed record CheckpointSource(StoredTensors File, ImportRequest Request)
{
    /// <summary>What the model may be called.</summary>
    public string ModelName => Path.GetFileNameWithoutExtension(File.Path);
}
