using System.Text.Json;
using System.Text.Json.Nodes;

namespace Diffusion.Host.Diagnostics;

/// <summary>Something known about the machine or the program.</summary>
/// <param name="Name">What, in words.</param>
/// <param name="Text">The fact for a person; lines after the first are indented by whoever wrote them.</param>
/// <param name="Value">The fact for a script.</param>
public sealed record Fact(string Name, string Text, JsonNode? Value)
{
    /// <summary>A fact that is one text.</summary>
    public static Fact Of(string name, string value) => new(name, value, JsonValue.Create(value));

    /// <summary>A fact that is one number.</summary>
    public static Fact Of(string name, long value) => new(name, $"{value}", JsonValue.Create(value));

    /// <summary>The name as a JSON field.</summary>
    public string Key { get; } =
        JsonNamingPolicy.CamelCase.ConvertName(string.Concat(Name.Split(' ').Select(word => char.ToUpperInvariant(word[0]) + word[1..])));
}
