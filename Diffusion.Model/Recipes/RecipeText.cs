using System.Text.Json;
using System.Text.Json.Nodes;
using Diffusion.Math.Json;
using Diffusion.Math.Schedules;
using Diffusion.Math.Values;

namespace Diffusion.Model.Recipes;

/// <summary>Recipes as JSON: read strictly, and only when they can be carried out.</summary>
public static class RecipeText
{
    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true, NewLine = "\n" };

    internal const string SchemaField = "$schema";

    /// <summary>The recipe as indented JSON, ending with a line's end.</summary>
    public static string Write(Recipe recipe) => UnionJson.Write(recipe) + "\n";

    /// <summary>
    /// What a recipe's text may hold and what every setting means, as a JSON Schema: editors complete, explain and check files by it.
    /// </summary>
    public static string Schema()
    {
        using var content = typeof(RecipeText).Assembly.GetManifestResourceStream(RecipeFile.SchemaName)
            ?? throw new InvalidOperationException("This build does not carry the schema of recipes.");
        using var reader = new StreamReader(content);
        return reader.ReadToEnd();
    }

    // The same without meanings, which stand in documentation that no program carries: the specs put both together.
    internal static string Structure()
    {
        var schema = JsonNode.Parse(UnionSchema.Of<Recipe>(RecipeWords.All))!;
        var properties = schema["$defs"]![nameof(Recipe)]!["properties"]!.AsObject();
        properties["version"] = new JsonObject { ["const"] = Recipe.CurrentVersion };
        properties.Insert(0, SchemaField, new JsonObject { ["type"] = "string" });
        return schema.ToJsonString(Layout) + "\n";
    }

    /// <summary>The recipe that <paramref name="json"/> describes, of this version or the one before.</summary>
    /// <param name="json">Text, in which comments and trailing commas are allowed.</param>
    /// <param name="place">Where it came from, for the message.</param>
    /// <exception cref="RecipeException">
    /// It is no JSON, has a field that is unknown, missing or out of range, or its settings do not fit together.
    /// </exception>
    public static Recipe Read(string json, string place)
    {
        try
        {
            json = RecipeMigration.Upgraded(RecipeMigration.Parse(json))?.ToJsonString() ?? "null";
            if (RecipeLimits.FaultOf(json) is { } excess)
                throw new RecipeException(place, excess);
            var recipe = UnionJson.Read<Recipe>(json, RecipeWords.All);
            return RecipeValidation.Of(recipe).FirstOrDefault() is { } fault ? throw new RecipeException(place, fault) : recipe;
        }
        catch (JsonException refusal)
        {
            throw new RecipeException(place, WithoutRoot(refusal.Message, "the recipe"), refusal);
        }
    }

    /// <summary>A noise schedule by itself, or that of a recipe.</summary>
    /// <param name="json">Text, in which comments and trailing commas are allowed.</param>
    /// <param name="place">Where it came from, for the message.</param>
    /// <exception cref="RecipeException">It is neither, with the reason that a recipe would be refused for.</exception>
    public static NoiseSchedule ReadSchedule(string json, string place)
    {
        try
        {
            var root = RecipeMigration.Parse(json);
            if (root is JsonObject whole && !whole.ContainsKey("kind") && whole.ContainsKey("schedule"))
                return Read(json, place).Schedule;
            if (RecipeLimits.FaultOf(json) is { } excess)
                throw new RecipeException(place, excess);
            var schedule = UnionJson.Read<NoiseSchedule>(root?.ToJsonString() ?? "null", RecipeWords.All);
            return Sentence.OfRefusal(() => schedule.At(schedule.LastTime)) is { } fault
                ? throw new RecipeException(place, fault) : schedule;
        }
        catch (JsonException refusal)
        {
            throw new RecipeException(place, WithoutRoot(refusal.Message, "the schedule"), refusal);
        }
    }

    // Paths begin with "$" for the whole, which says nothing to a person.
    internal static string WithoutRoot(string message, string whole) =>
        message.Replace("$.", "", StringComparison.Ordinal).Replace("$: ", "", StringComparison.Ordinal)
            .Replace("$ ", $"{whole} ", StringComparison.Ordinal);
}
