using System.Text.Json;
using System.Text.Json.Nodes;

namespace Diffusion.Math.Json;

/// <summary>What <see cref="UnionJson"/> reads, as a JSON Schema, draft 2020-12: editors complete and check files by it.</summary>
/// <remarks>Describes structure and words. Ranges of numbers are checked when a value is made.</remarks>
public sealed class UnionSchema
{
    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true, NewLine = "\n" };

    private readonly SortedDictionary<string, JsonObject> _definitions = new(StringComparer.Ordinal);

    private readonly UnionWords _words;

    private UnionSchema(UnionWords words) => _words = words;

    /// <summary>The schema of a type as indented text, lines ending in \n.</summary>
    /// <exception cref="NotSupportedException">The type has no JSON form.</exception>
    public static string Of<T>() => Of<T>(UnionWords.None);

    /// <summary>The same, where words may stand for values of unions.</summary>
    /// <exception cref="NotSupportedException">The type has no JSON form.</exception>
    public static string Of<T>(UnionWords words)
    {
        var schema = new UnionSchema(words);
        var root = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = NameOf(typeof(T)),
            ["$ref"] = schema.Reference(typeof(T))["$ref"]?.DeepClone() ?? throw new NotSupportedException($"{typeof(T)} is no record."),
        };
        root["$defs"] = new JsonObject(schema._definitions.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value)));
        return root.ToJsonString(Layout);
    }

    private JsonObject Reference(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (ScalarOf(type) is { } scalar)
            return scalar;
        if (type.IsEnum)
            return new() { ["enum"] = Words(RecordShape.WordsOf(type).Keys) };
        if (UnionWriter.IsSequence(type))
            return new() { ["type"] = "array", ["items"] = Reference(type.GetGenericArguments()[0]) };
        if (!type.IsAbstract && RecordShape.Of(type) is { IsTransparent: true } wrapper)
            return Reference(wrapper.Fields[0].Type);
        Define(type);
        return new() { ["$ref"] = $"#/$defs/{NameOf(type)}" };
    }

    private static JsonObject? ScalarOf(Type type) => Type.GetTypeCode(type) switch
    {
        _ when type.IsEnum => null,
        TypeCode.Double => new() { ["type"] = "number" },
        TypeCode.Int32 or TypeCode.Int64 => new() { ["type"] = "integer" },
        TypeCode.UInt64 => new() { ["type"] = "integer", ["minimum"] = 0 },
        TypeCode.String => new() { ["type"] = "string" },
        TypeCode.Boolean => new() { ["type"] = "boolean" },
        _ => null,
    };

    // Entered before it is filled, since unions hold themselves.
    private void Define(Type type)
    {
        var definition = new JsonObject();
        if (!_definitions.TryAdd(NameOf(type), definition))
            return;
        if (type.IsAbstract)
            definition["oneOf"] = new JsonArray([.. Cases(type)]);
        else
            Describe(definition, RecordShape.Of(type));
    }

    private IEnumerable<JsonObject> Cases(Type union)
    {
        var cases = RecordShape.CasesOf(union);
        foreach (var entry in cases.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            yield return Reference(entry.Value);
        var words = _words.Of(union).Select(word => word.Key).ToList();
        var alone = cases.Where(entry => RecordShape.Of(entry.Value).Fields.All(field => !field.IsRequired)).Select(entry => entry.Key);
        if (alone.Union(words).Order(StringComparer.Ordinal).ToList() is { Count: > 0 } enough)
            yield return new() { ["enum"] = Words(enough) };
        if (words.Except(cases.Keys).Order(StringComparer.Ordinal).ToList() is { Count: > 0 } others)
            yield return new()
            {
                ["type"] = "object",
                ["properties"] = new JsonObject { ["kind"] = new JsonObject { ["enum"] = Words(others) } },
                ["required"] = Words(["kind"]),
            };
    }

    private void Describe(JsonObject definition, RecordShape shape)
    {
        var properties = new JsonObject();
        if (shape.Kind is { } kind)
            properties["kind"] = new JsonObject { ["const"] = kind };
        foreach (var field in shape.Fields)
            properties[field.Name] = Content(field);
        var isPreset = shape.Kind is { } word && _words.Find(shape.Type, word) is not null;
        string[] required =
        [
            .. shape.Kind is null ? [] : (string[])["kind"],
            .. shape.Fields.Where(field => field.IsRequired && !isPreset).Select(field => field.Name),
        ];
        definition["type"] = "object";
        definition["properties"] = properties;
        if (required.Length > 0)
            definition["required"] = Words(required);
        definition["additionalProperties"] = false;
    }

    private JsonObject Content(RecordField field)
    {
        var content = Reference(field.Type);
        return field.MayBeNull ? new() { ["anyOf"] = new JsonArray(content, new JsonObject { ["type"] = "null" }) } : content;
    }

    private static JsonArray Words(IEnumerable<string> words) => new([.. words.Select(word => JsonValue.Create(word))]);

    // Nested types as they are written in C#, without the namespace.
    private static string NameOf(Type type) => type.DeclaringType is { } owner ? $"{NameOf(owner)}.{type.Name}" : type.Name;
}
