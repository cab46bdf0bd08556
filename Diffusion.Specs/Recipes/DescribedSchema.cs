using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Diffusion.Specs.Recipes;

/// <summary>The schema of recipes with what the documentation of the types says: meaning, range and paper of every setting.</summary>
internal static partial class DescribedSchema
{
    private static readonly JsonSerializerOptions Layout =
        new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The schema with descriptions; null where the build wrote no documentation.</summary>
    public static string? Of(string structure)
    {
        string[] names = ["Diffusion.Math.xml", "Diffusion.Model.xml"];
        string[] files = [.. names.Select(name => Path.Combine(AppContext.BaseDirectory, name))];
        if (!files.All(File.Exists))
            return null;
        var members = files.SelectMany(file => XDocument.Load(file).Descendants("member"))
            .ToDictionary(member => (string)member.Attribute("name")!);
        var types = members.Keys.Where(id => id.StartsWith("T:", StringComparison.Ordinal)).ToList();
        var schema = JsonNode.Parse(structure)!;
        foreach (var (name, definition) in schema["$defs"]!.AsObject())
        {
            if (types.SingleOrDefault(id => id.EndsWith($".{name}", StringComparison.Ordinal)
                && !types.Contains(id[..^(name.Length + 1)])) is not { } type)
                continue;
            Explain(definition!, members[type].Element("summary"));
            foreach (var (field, content) in definition!["properties"]?.AsObject() ?? [])
                if (field != "kind" && content is not null)
                    Explain(content, MeaningOf(members, type, char.ToUpperInvariant(field[0]) + field[1..]));
        }
        return schema.ToJsonString(Layout) + "\n";
    }

    /// <summary>The settings without a description.</summary>
    public static IEnumerable<string> Unexplained(string schema) =>
        from definition in JsonNode.Parse(schema)!["$defs"]!.AsObject()
        from field in definition.Value!["properties"]?.AsObject() ?? []
        where field.Key is not ("kind" or "$schema") && field.Value!["description"] is null
        select $"{definition.Key}.{field.Key}";

    /// <summary>The schema without descriptions.</summary>
    public static string Bare(string schema) => Bare(JsonNode.Parse(schema)!).ToJsonString();

    private static JsonNode Bare(JsonNode node)
    {
        if (node is JsonObject fields)
        {
            if (fields["description"] is JsonValue)
                fields.Remove("description");
            foreach (var (_, value) in fields)
                if (value is not null)
                    Bare(value);
        }
        else if (node is JsonArray items)
            foreach (var item in items)
                Bare(item!);
        return node;
    }

    private static XElement? MeaningOf(Dictionary<string, XElement> members, string type, string property) =>
        members.GetValueOrDefault($"P:{type[2..]}.{property}")?.Element("summary")
            ?? members[type].Elements("param").FirstOrDefault(param => (string?)param.Attribute("name") == property);

    private static void Explain(JsonNode node, XElement? meaning)
    {
        if (meaning is not null && Blanks().Replace(Plain(meaning), " ").Trim() is { Length: > 0 } text)
            node.AsObject().Insert(0, "description", text);
    }

    private static string Plain(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" } link => LastName((string?)link.Attribute("cref") ?? (string?)link.Attribute("langword") ?? ""),
        XElement { Name.LocalName: "paramref" } named => LastName((string)named.Attribute("name")!),
        XElement inner => string.Concat(inner.Nodes().Select(Plain)),
        _ => "",
    };

    // As JSON has it.
    private static string LastName(string id) => JsonNamingPolicy.CamelCase.ConvertName(id.Split('(')[0].Split('.', ':')[^1]);

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
