using System.Text.RegularExpressions;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Options;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;

namespace Diffusion.Host.Commands;

/// <summary>A recipe by its name, or in a file.</summary>
internal sealed class RecipeWord : TokenKind<RecipeSource>
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Words { get; } = [.. BuiltInRecipes.All.Select(recipe => recipe.Name)];

    /// <inheritdoc/>
    public override string Expected => $"a recipe.json or one of {string.Join(", ", Words)}";

    /// <inheritdoc/>
    public override bool TryRead(string token, out RecipeSource? value)
    {
        value = token.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? new RecipeSource.File(token)
            : Words.Contains(token) ? new RecipeSource.BuiltIn(token)
            : null;
        return value is not null;
    }
}

/// <summary>A setting of a recipe and its value.</summary>
internal sealed class ChangeWord : TokenKind<RecipeChange>
{
    /// <inheritdoc/>
    public override string Expected => "a setting and its value, as in optimiser.rate.peak=1e-4";

    /// <inheritdoc/>
    public override bool TryRead(string token, out RecipeChange? value)
    {
        value = token.Split('=', 2) is [{ Length: > 0 } path, { Length: > 0 } text] && !path.Split('.').Contains("")
            && Synonyms.OfSetting(path, text).Length == 0 ? new(path, text)
            : null;
        return value is not null;
    }

    /// <inheritdoc/>
    public override string Fault(string token) =>
        token.Split('=', 2) is [var path, var text] && Synonyms.OfSetting(path, text) is { Length: > 0 } hint
            ? $"{token} is no setting of a recipe{hint}" : base.Fault(token);
}

/// <summary>A recipe, and settings that are changed, with commas between them.</summary>
internal sealed partial class ChangedRecipeWord : TokenKind<ChangedRecipe>
{
    private readonly RecipeWord _recipe = new();
    private readonly ChangeWord _change = new();

    /// <inheritdoc/>
    public override string Expected => "a recipe and changes, as in mnist,optimiser.rate.peak=2e-3,length.batch=64";

    /// <inheritdoc/>
    public override bool TryRead(string token, out ChangedRecipe? value)
    {
        string[] parts = Commas().Split(token);
        var changes = new List<RecipeChange>();
        foreach (var part in parts[1..])
            if (_change.TryRead(part, out var change))
                changes.Add(change!);
        value = _recipe.TryRead(parts[0], out var source) && changes.Count == parts.Length - 1
            ? new(token, source!, changes.ToSequence())
            : null;
        return value is not null;
    }

    /// <inheritdoc/>
    public override string Fault(string token)
    {
        var name = Commas().Split(token)[0];
        // What follows a recipe and a comma was meant as a setting, also where it has no value.
        return _recipe.TryRead(name.Split(',')[0], out _) ? base.Fault(token) : _recipe.Fault(name);
    }

    // A value may hold commas, as lists in JSON do: only one before the next setting ends it.
    [GeneratedRegex(@",(?=[A-Za-z0-9.]+=)")]
    private static partial Regex Commas();
}
