using System.Text.Json;
using System.Text.Json.Nodes;

namespace Diffusion.Math.Json;

/// <summary>What <see cref="UnionJson"/> reads, as a JSON Schema, draft 2020-12: editors complete and check files by it.</summary>
/// <remarks>Describes structure and words. Ranges of numbers are checked when a value is made.</remarks>
public sealed class UnionSchema
{
    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true, NewLine = "\n" };

    private readonly SortedDictionary<string, JsonObject> _definitions = new(StringComparer.Ordinal);

    private UnionSchema()
    {
    }

    /// <summary>The schema of a type as indented text, lines ending in \n.</summary>
    /// <exception cref="NotSupportedException">The type has no JSON form.</exception>
    public static string Of<T>()
    {
        var schema = new UnionSchema();
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
            definition["oneOf"] = new JsonArray(
                [.. RecordShape.CasesOf(type).OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => Reference(entry.Value))]);
        else
            Describe(definition, RecordShape.Of(type));
    }

    private void Describe(JsonObject definition, RecordShape shape)
    {
        var properties = new JsonObject();
        if (shape.Kind is { } kind)
            properties["kind"] = new JsonObject { ["const"] = kind };
        foreach (var field in shape.Fields)
            properties[field.Name] = Content(field);
        string[] required =
            [.. shape.Kind is null ? [] : (string[])["kind"], .. shape.Fields.Where(field => field.IsRequired).Select(field => field.Name)];
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
