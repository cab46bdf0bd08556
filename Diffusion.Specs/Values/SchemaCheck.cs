using System.Text.Json;

namespace Diffusion.Specs.Values;

/// <summary>The part of JSON Schema, draft 2020-12, that published schemas use; a keyword it does not know is an error.</summary>
internal sealed class SchemaCheck(JsonElement root)
{
    private static readonly string[] Annotations = ["$schema", "$defs", "title"];

    public bool Accepts(JsonElement value) => Accepts(root, value);

    private bool Accepts(JsonElement schema, JsonElement value) =>
        schema.ValueKind == JsonValueKind.False
            ? false
            : schema.EnumerateObject().Where(keyword => !Annotations.Contains(keyword.Name)).All(keyword => Holds(keyword, schema, value));

    private bool Holds(JsonProperty keyword, JsonElement schema, JsonElement value) => keyword.Name switch
    {
        "$ref" => Accepts(Referenced(keyword.Value.GetString()!), value),
        "type" => IsOf(keyword.Value.GetString()!, value),
        "const" => JsonElement.DeepEquals(keyword.Value, value),
        "enum" => keyword.Value.EnumerateArray().Any(word => JsonElement.DeepEquals(word, value)),
        "oneOf" => keyword.Value.EnumerateArray().Count(choice => Accepts(choice, value)) == 1,
        "anyOf" => keyword.Value.EnumerateArray().Any(choice => Accepts(choice, value)),
        "items" => value.ValueKind != JsonValueKind.Array || value.EnumerateArray().All(item => Accepts(keyword.Value, item)),
        "minimum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() >= keyword.Value.GetDouble(),
        "required" => value.ValueKind != JsonValueKind.Object || keyword.Value.EnumerateArray().All(
            name => value.TryGetProperty(name.GetString()!, out _)),
        "properties" => value.ValueKind != JsonValueKind.Object
            || value.EnumerateObject().All(
                entry => !keyword.Value.TryGetProperty(entry.Name, out var inner) || Accepts(inner, entry.Value)),
        "additionalProperties" => value.ValueKind != JsonValueKind.Object
            || value.EnumerateObject().All(
                entry => schema.GetProperty("properties").TryGetProperty(entry.Name, out _) || Accepts(keyword.Value, entry.Value)),
        _ => throw new NotSupportedException(keyword.Name),
    };

    private static bool IsOf(string type, JsonElement value) => (type, value.ValueKind) switch
    {
        ("integer", JsonValueKind.Number) => value.TryGetInt64(out _) || value.TryGetUInt64(out _),
        ("number", JsonValueKind.Number) or ("string", JsonValueKind.String) or ("object", JsonValueKind.Object) => true,
        ("array", JsonValueKind.Array) or ("null", JsonValueKind.Null) or ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        _ => false,
    };

    private JsonElement Referenced(string pointer) => pointer["#/".Length..].Split('/').Aggregate(root, (at, name) => at.GetProperty(name));
}
