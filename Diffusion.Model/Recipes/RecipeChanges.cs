using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Diffusion.Math.Json;
using Diffusion.Math.Values;

namespace Diffusion.Model.Recipes;

/// <summary>Changes of single settings, as <c>--set</c> makes them.</summary>
/// <remarks>
/// A value is JSON or a plain word. Where a union stands, a word chooses a case with its defaults (<c>prediction=velocity</c>), and a
/// number is the first number of the case that is there (<c>optimiser.rate=1e-4</c>). What the chosen case has no default for, it takes
/// over from the case that was there, where that had a field of the same name: <c>evaluation.spacing=uniform</c> keeps the count of steps.
/// A schedule may also be named by its file (<c>schedule=mine.json</c>).
/// </remarks>
public static class RecipeChanges
{
    private const string Kind = "kind";

    /// <summary>The recipe with all changes made, one after another; only the result has to be a recipe.</summary>
    /// <exception cref="RecipeException">A path leads nowhere, or the result is no recipe.</exception>
    public static Recipe Apply(Recipe recipe, Sequence<RecipeChange> changes)
    {
        if (changes.Count == 0)
            return recipe;
        var root = JsonNode.Parse(RecipeText.Write(recipe))!;
        var former = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var change in changes.Select(RecipeMigration.Upgraded).Concat(Implied(changes)))
            Apply(root, change, former);
        var place = string.Join(' ', changes.Select(change => $"--set {change.Path}={change.Value}"));
        while (true)
        {
            try
            {
                return RecipeText.Read(root.ToJsonString(), place);
            }
            catch (RecipeException refusal) when (refusal.InnerException is RequiredFieldException lacking)
            {
                TakeOver(root, place, lacking, former);
            }
        }
    }

    // What a kind needs and the one before had is kept: each time one field more is there, or it is said how to give it.
    private static void TakeOver(JsonNode root, string place, RequiredFieldException lacking, Dictionary<string, JsonObject> former)
    {
        var path = RecipeText.WithoutRoot(lacking.Place, "").Replace("[", ".", StringComparison.Ordinal)
            .Replace("]", "", StringComparison.Ordinal);
        if (!former.TryGetValue(path, out var before))
            throw new RecipeException(place, RecipeText.WithoutRoot(lacking.Message, "the recipe"), lacking);
        JsonNode? at = root;
        foreach (var name in path.Split('.'))
            at = at is null ? null : Child(at, name);
        if (before[lacking.Field] is not { } kept || at is not JsonObject union)
            throw new RecipeException(
                place, $"{RecipeText.WithoutRoot(lacking.Message, "the recipe").TrimEnd('.')}: " +
                    $"--set {path}.{lacking.Field}={lacking.Example}", lacking);
        union[lacking.Field] = kept.DeepClone();
    }

    /// <summary>What a person should know of changes by names of before, in sentences.</summary>
    public static IEnumerable<string> Notes(Sequence<RecipeChange> changes) =>
        from change in changes
        let renamed = RecipeMigration.Upgraded(change)
        where renamed != change
        select $"--set {change.Path}={change.Value} is now --set {renamed.Path}={renamed.Value}";

    // Who says how many samples are drawn means it, in a short run too.
    private static IEnumerable<RecipeChange> Implied(Sequence<RecipeChange> changes) =>
        changes.Any(change => change.Path is "evaluation.samples" or "evaluation.finalSamples")
            && changes.All(change => change.Path != "evaluation.fullSamplesFrom") ? [new("evaluation.fullSamplesFrom", "null")] : [];

    private static void Apply(JsonNode root, RecipeChange change, Dictionary<string, JsonObject> former)
    {
        string[] names = change.Path.Split('.');
        if (names is ["schedule"] && change.Value.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            root[names[0]] = JsonNode.Parse(UnionJson.Write(RecipeFile.ReadSchedule(change.Value)));
            return;
        }
        // A setting that is null has no kind yet: to choose one is to choose the setting.
        if (names is [_, .., Kind] && Holder(root, names[..^1]) is { } holder)
        {
            holder[names[^2]] = Chosen(change.Value);
            return;
        }
        var place = names[..^1]
            .Aggregate(root, (at, name) => Child(at, name) ?? throw (IsNull(at, name) ? Unset(change, name) : Nowhere(change, at, name)));
        var (last, value) = (names[^1], Value(change.Value));
        switch (place)
        {
            case JsonObject union when last == Kind:
                Remember(union, names[..^1], former);
                Replace(union, Chosen(change.Value));
                break;
            case JsonObject fields when fields[last] is null && value?.GetValueKind() == JsonValueKind.String && IsUnion(names):
                fields[last] = Chosen(change.Value);
                break;
            case JsonObject fields:
                if (fields[last] is JsonObject replaced && value?.GetValueKind() == JsonValueKind.String)
                    Remember(replaced, names, former);
                fields[last] = Shorthand(fields[last], value);
                break;
            case JsonArray items when IndexIn(items, last) is { } index:
                if (items[index] is JsonObject listed && value?.GetValueKind() == JsonValueKind.String)
                    Remember(listed, names, former);
                items[index] = Shorthand(items[index], value);
                break;
            default:
                throw Nowhere(change, place, last);
        }
    }

    private static void Remember(JsonObject union, string[] names, Dictionary<string, JsonObject> former)
    {
        var path = string.Join('.', names);
        var all = former.GetValueOrDefault(path) ?? [];
        foreach (var (name, value) in union)
            all[name] = value?.DeepClone();
        former[path] = all;
    }

    private static JsonNode? Child(JsonNode at, string name) => at switch
    {
        JsonObject fields => fields[name],
        JsonArray items when IndexIn(items, name) is { } index => items[index],
        _ => null,
    };

    // The object in which the last of the names stands and is null; null where there is none such.
    private static JsonObject? Holder(JsonNode root, string[] names)
    {
        JsonNode? place = root;
        foreach (var name in names[..^1])
            place = place is null ? null : Child(place, name);
        return place is JsonObject fields && IsNull(fields, names[^1]) ? fields : null;
    }

    // A setting that is null does not show what it may be; its type does.
    private static bool IsUnion(string[] names)
    {
        var type = typeof(Recipe);
        foreach (var name in names)
            type = type?.GetProperty(name, BindingFlags.Instance | BindingFlags.Public | BindingFlags.IgnoreCase)?.PropertyType;
        return type is { IsAbstract: true, IsClass: true };
    }

    private static bool IsNull(JsonNode at, string name) =>
        at is JsonObject fields && fields.TryGetPropertyValue(name, out var value) && value is null;

    private static RecipeException Unset(RecipeChange change, string name) =>
        new($"--set {change.Path}", name == "labels"
            ? "the recipe is without labels; --labels makes the model class-conditional and counts the classes of the images"
            : $"{name} is null in this recipe; choose it first, as a whole");

    private static int? IndexIn(JsonArray items, string name) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < items.Count ? index : null;

    private static JsonNode? Shorthand(JsonNode? before, JsonNode? value)
    {
        if (before is not JsonObject union || !union.ContainsKey(Kind) || value is not JsonValue)
            return value;
        if (value.GetValueKind() == JsonValueKind.String)
            return Chosen(value.GetValue<string>());
        var first = union.FirstOrDefault(field => field.Value?.GetValueKind() == JsonValueKind.Number).Key;
        if (first is null || value.GetValueKind() != JsonValueKind.Number)
            return value;
        var changed = union.DeepClone().AsObject();
        changed[first] = value;
        return changed;
    }

    private static JsonObject Chosen(string word) => new() { [Kind] = word };

    private static void Replace(JsonObject union, JsonObject by)
    {
        union.Clear();
        foreach (var (name, value) in by)
            union[name] = value?.DeepClone();
    }

    // Anything that is no JSON is taken for a word.
    private static JsonNode? Value(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    private static RecipeException Nowhere(RecipeChange change, JsonNode place, string name)
    {
        string[] known = place switch
        {
            JsonObject fields => [.. fields.Select(field => field.Key)],
            JsonArray items => [.. items.Select((_, index) => index.ToString(CultureInfo.InvariantCulture))],
            _ => [],
        };
        var hint = known.Length == 0 ? "; it is a single value" : Suggestion.Among(known, name);
        if (hint.Length == 0)
            hint = $"; known are {string.Join(", ", known)}";
        return new($"--set {change.Path}", $"there is no setting {name}{hint}");
    }
}

/// <summary>One setting of a recipe and its new value.</summary>
/// <param name="Path">Names from the outside in, with dots between them, such as <c>optimiser.rate.peak</c>.</param>
/// <param name="Value">The value, as JSON or as a plain word.</param>
public sealed record RecipeChange(string Path, string Value);
