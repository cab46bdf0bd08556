using System.Text.Json;
using System.Text.Json.Nodes;
using Diffusion.Math.Json;
using Diffusion.Math.Values;

namespace Diffusion.Model.Recipes;

/// <summary>Reads recipes of version 1, which say no version: what was renamed since then is in one table.</summary>
internal static class RecipeMigration
{
    private const string Version = "version";

    private static readonly JsonDocumentOptions Lenient =
        new() { AllowDuplicateProperties = false, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    // Places are in the names of today; below a place that ends with a star, what is nested counts too.
    private static readonly Sequence<Renaming> Renamings =
    [
        new("", "levels", "noiseLevels"),
        new("", "averages", "ema"),
        new("data", "side", "size"),
        new("length", "stepsPerEpoch", "evaluateEvery"),
        new("evaluation", "grid", "spacing"),
        new("evaluation", "pictures", "gridImages"),
        new("evaluation.sampler*", "limit", "clipping"),
        new("evaluation.guidance*", "strength", "w"),
    ];

    // Kinds and words, as values of what stands at the place or below it.
    private static readonly Sequence<Renaming> Words =
    [
        new("evaluation.sampler*", "falling", "lowerOrderFinal"),
        new("evaluation.spacing*", "latter", "last"),
    ];

    private sealed record Renaming(string Place, string Old, string New)
    {
        public bool IsAt(string path) =>
            Place.EndsWith('*') ? $"{path}.".StartsWith($"{Place[..^1]}.", StringComparison.Ordinal) : path == Place;
    }

    /// <summary>The JSON in a text; comments and trailing commas are allowed, a name that stands twice is not.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static JsonNode? Parse(string text)
    {
        // For its words.
        UnionJson.Parse(text).Dispose();
        return JsonNode.Parse(text, documentOptions: Lenient);
    }

    /// <summary>
    /// The same recipe in the names of today. What says its version is left as it is; <c>$schema</c>, for editors, is taken out.
    /// </summary>
    public static JsonNode? Upgraded(JsonNode? recipe)
    {
        if (recipe is not JsonObject fields)
            return recipe;
        fields.Remove(RecipeText.SchemaField);
        if (fields.TryGetPropertyValue(Version, out var version) && version?.ToJsonString() != "1")
            return recipe;
        fields.Remove(Version);
        return Renamed(recipe, "");
    }

    /// <summary>A request for samples with its sampler and levels in the names of today. It never said a version.</summary>
    public static JsonNode? UpgradedRequest(JsonNode? request)
    {
        if (request?.DeepClone() is not JsonObject fields)
            return request;
        foreach (var (name, place) in (ReadOnlySpan<(string, string)>)[("sampler", "evaluation.sampler"), ("grid", "evaluation.spacing")])
            if (fields[name] is { } part)
                fields[name] = Renamed(part, place);
        return fields;
    }

    /// <summary>A change by the name and the words of today.</summary>
    public static RecipeChange Upgraded(RecipeChange change)
    {
        var path = "";
        foreach (var name in change.Path.Split('.'))
            path = Below(path, NameOf(path, name));
        return path == EvaluateEvery && path != change.Path && Interval(change.Value) is { } interval
            ? new(path, interval.ToJsonString())
            : new(path, Upgraded(path, change.Value));
    }

    private static string Upgraded(string path, string value)
    {
        if (!value.StartsWith('{') && !value.StartsWith('['))
            return WordOf(path, value);
        try
        {
            var before = Parse(value);
            return Renamed(before, path) is var after && JsonNode.DeepEquals(before, after) ? value : after!.ToJsonString();
        }
        catch (JsonException)
        {
            return value;
        }
    }

    private const string EvaluateEvery = "length.evaluateEvery";

    private static JsonNode? Renamed(JsonNode? node, string path) => node switch
    {
        JsonObject fields => new JsonObject(fields.Select(field => Renamed(fields, field, path))),
        JsonArray items => new JsonArray([.. items.Select(item => Renamed(item, path))]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => WordOf(path, value.GetValue<string>()),
        JsonValue value when path == EvaluateEvery => Interval(value.ToJsonString()) ?? value.DeepClone(),
        _ => node?.DeepClone(),
    };

    // A field beside which there is one of the new name already is left to the reader, who does not know it.
    private static KeyValuePair<string, JsonNode?> Renamed(JsonObject fields, KeyValuePair<string, JsonNode?> field, string path)
    {
        var name = NameOf(path, field.Key) is var renamed && renamed != field.Key && fields.ContainsKey(renamed) ? field.Key : renamed;
        return new(name, Renamed(field.Value, Below(path, name)));
    }

    // Once a number of updates.
    private static JsonNode? Interval(string number) =>
        long.TryParse(number, out var steps) ? new JsonObject { ["kind"] = "steps", ["number"] = steps } : null;

    private static string NameOf(string path, string name) =>
        Renamings.FirstOrDefault(renaming => renaming.Old == name && renaming.IsAt(path))?.New ?? name;

    private static string WordOf(string path, string word) =>
        Words.FirstOrDefault(renaming => renaming.Old == word && renaming.IsAt(path))?.New ?? word;

    private static string Below(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
