using Diffusion.Math.Values;
using Diffusion.Model.Recipes;
using TorchSharp;

namespace Diffusion.Model.Interchange.Checkpoints;

/// <summary>A model that was read from a file of weights.</summary>
/// <param name="Network">The network, a U-Net or a classifier of noisy images as the recipe's goal says, in evaluation mode.</param>
/// <param name="Recipe">What is known of its training.</param>
/// <param name="Updates">Updates of the weights that were made; 0 where nobody knows.</param>
public sealed record ImportedModel(torch.nn.Module Network, Recipe Recipe, long Updates = 0) : IDisposable
{
    /// <summary>The program that saved it, as far as its keys say; null for weights under the names of this program.</summary>
    public string? Program { get; init; }

    /// <summary>The number of its weights.</summary>
    public long ParameterCount => Network.parameters().Sum(parameter => parameter.numel());

    /// <inheritdoc/>
    public void Dispose() => Network.Dispose();
}

/// <summary>What a person says of a file of weights that the file does not.</summary>
public sealed record ImportRequest
{
    /// <summary>Nothing: the file says it all.</summary>
    public static ImportRequest None { get; } = new();

    /// <summary>The recipe of the model, with the network that the weights are of; null where file or name say it.</summary>
    public Recipe? Recipe { get; init; }

    /// <summary>Which published model it is, or whose usual settings it has; null where the file says it.</summary>
    public KnownModel? As { get; init; }

    /// <summary>Settings that differ from those.</summary>
    public Sequence<RecipeChange> Changes { get; init; } = [];
}
