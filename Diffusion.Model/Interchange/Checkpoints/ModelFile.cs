using System.Globalization;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Formats;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using TorchSharp;

namespace Diffusion.Model.Interchange.Checkpoints;

/// <summary>
/// Models in single files: checkpoints of other programs, and bare weights with a recipe. Reading one never runs what is in it.
/// </summary>
public static class ModelFile
{
    private const string RecipeKey = "diffusion.recipe";
    private const string UpdatesKey = "diffusion.updates";
    private const string Recipes = "--recipe with the recipe.json or the name of the recipe that they were trained by";

    /// <summary>The texts that a file of weights carries, by which it is a model.</summary>
    /// <param name="recipe">What the weights were trained by.</param>
    /// <param name="updates">How many updates made them.</param>
    public static IReadOnlyDictionary<string, string> Metadata(Recipe recipe, long updates) => new Dictionary<string, string>
    {
        ["format"] = "pt",
        [RecipeKey] = RecipeText.Write(recipe).TrimEnd('\n'),
        [UpdatesKey] = updates.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>Reads a model.</summary>
    /// <param name="path">The file, safetensors or PyTorch's.</param>
    /// <param name="request">What a person says of it.</param>
    /// <param name="note">Called, in sentences, with what was passed over or taken for granted.</param>
    /// <returns>The model, which the caller disposes of.</returns>
    /// <exception cref="InputException">
    /// It is of no program that is known, or does not say enough; the message says what is missing.
    /// </exception>
    /// <exception cref="InvalidFileException">It is damaged, or no file of names and tensors.</exception>
    public static ImportedModel Read(string path, ImportRequest request, Action<string>? note = null)
    {
        using var file = StoredTensors.Open(path);
        return Read(file, request, note);
    }

    /// <summary>Reads a model from an open file.</summary>
    /// <inheritdoc cref="Read(string, ImportRequest, Action{string})"/>
    public static ImportedModel Read(StoredTensors file, ImportRequest request, Action<string>? note = null)
    {
        var found = Find(file, request, note ?? (_ => { }));
        return new(Built(file, () => Load(found.Weights, found.Recipe)), found.Recipe, found.Updates) { Program = found.Program };
    }

    /// <summary>What a model is to be made of: all of reading it but the network itself.</summary>
    /// <inheritdoc cref="Read(string, ImportRequest, Action{string})"/>
    internal static (WeightFile Weights, Recipe Recipe, long Updates, string? Program) Find(
        StoredTensors file, ImportRequest request, Action<string> note)
    {
        if (request.Recipe is null && ForeignKind.Of(file.All.Select(tensor => tensor.Name)) is var (kind, wanted))
            throw new InputException(file.Path, kind, wanted);
        if (file.Under(WeightFile.First) is var (own, passed))
        {
            if (passed is not null)
                note(passed);
            if (request.As is { } other)
                throw new InputException(file.Path, "weights under this program's names", $"those of {other.Name}, as --as says");
            var (given, updates) = Described(file, request);
            return (WeightFile.Of(file.Path, own), RecipeChanges.Apply(given, request.Changes), updates, null);
        }
        foreach (var family in CheckpointFamily.All)
            if (file.Under(family.First) is var (tensors, remark))
            {
                var mapping = new TensorMapping(file.Path, request.As is { Recipe: not null } model ? model.Name : family.Name, tensors);
                if (!family.Recognises(mapping))
                    continue;
                if (remark is not null)
                    note(remark);
                var (weights, recipe) = Built(file, () => Foreign(family, mapping, new(file, request), note));
                return (weights, recipe, 0, family.Name);
            }
        throw new InputException(
            file.Path,
            file.All.Count == 0 ? "no tensors"
                : $"{Counted.Of(file.All.Count, "tensor")}, such as '{file.All[0].Name}', of an unknown network",
            $"weights under diffusers' names, or a checkpoint of {string.Join(", ", CheckpointFamily.All.Select(family => family.Name))}");
    }

    private static (WeightFile Weights, Recipe Recipe) Foreign(
        CheckpointFamily family, TensorMapping tensors, CheckpointSource source, Action<string> note)
    {
        if (source.Request.As is { } known && !family.Knows(known))
            throw new InputException(source.File.Path, $"a checkpoint of {family.Name}", $"one of {known.Name}, as --as says");
        var recipe = RecipeChanges.Apply(source.Request.Recipe ?? family.RecipeOf(tensors, source, note), source.Request.Changes);
        if (RecipeValidation.Of(recipe).FirstOrDefault() is { } fault)
            throw new InputException(source.File.Path, fault.TrimEnd('.'), "a model that can be sampled from");
        family.Map(tensors, recipe, source);
        return (WeightFile.Of(source.File.Path, tensors.Result), recipe);
    }

    private static T Built<T>(StoredTensors file, Func<T> build)
    {
        try
        {
            return build();
        }
        // Sizes that the file has and no network can.
        catch (ArgumentException mismatch)
        {
            throw new InputException(file.Path, mismatch.Message, "a network that can be built", mismatch);
        }
    }

    private static torch.nn.Module Load(WeightFile weights, Recipe recipe) => recipe.Goal is Goal.Classify goal
        ? weights.Load(goal.Shape(recipe))
        : weights.Load(recipe.Network);

    private static (Recipe Recipe, long Updates) Described(StoredTensors file, ImportRequest request)
    {
        if (request.Recipe is { } given)
            return (given, 0);
        if (!file.Metadata.TryGetValue(RecipeKey, out var text))
            throw new InputException(
                file.Path, "weights without a recipe" + (
                    file.Metadata.Keys.FirstOrDefault(key => key.Contains("recipe", StringComparison.OrdinalIgnoreCase)) is { } other
                        ? $": the metadata has '{other}', not '{RecipeKey}'" : ""), $"{Recipes}, or the folder that diffusers saved");
        try
        {
            return (RecipeText.Read(text, RecipeKey), !file.Metadata.TryGetValue(UpdatesKey, out var count) ? 0
                : long.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var updates) ? updates
                : throw new InputException(file.Path, $"'{count}' as {UpdatesKey} in the metadata", "a whole number"));
        }
        catch (RecipeException refusal)
        {
            throw new InputException(
                file.Path, $"a recipe in the metadata that cannot be used: {refusal.Message[(RecipeKey.Length + 2)..].TrimEnd('.')}",
                $"a recipe, or {Recipes}", refusal);
        }
    }
}
