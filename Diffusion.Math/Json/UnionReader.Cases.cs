using System.Text.Json;
using Diffusion.Math.Values;

namespace Diffusion.Math.Json;

/// <summary>Which case of a union is meant.</summary>
internal sealed partial class UnionReader
{
    private object ReadCase(JsonElement element, Type declared, string path)
    {
        if (element.ValueKind == JsonValueKind.String)
        {
            var word = element.GetString()!;
            if (words.Find(declared, word) is { } named)
                return named;
            using var alone = JsonDocument.Parse($$"""{ "kind": {{element.GetRawText()}} }""");
            return ReadCase(alone.RootElement, declared, path);
        }
        RequireObject(element, path);
        var cases = CasesOf(declared);
        if (!element.TryGetProperty("kind", out var kind))
            throw new JsonException($"{path} has no \"kind\"; it must be one of {List(cases.Keys)}.");
        var preset = kind.ValueKind == JsonValueKind.String ? words.Find(declared, kind.GetString()!) : null;
        var type = kind.ValueKind == JsonValueKind.String ? CaseOf(cases, kind.GetString()!) : null;
        return (type ?? preset?.GetType()) is not { } chosen ? throw Unknown(kind, $"{path}.kind", cases.Keys, declared)
            : ReadFields(element, ShapeOf(chosen), path, preset?.GetType() != chosen ? null : new(preset, type is null));
    }

    private IReadOnlyDictionary<string, Type> CasesOf(Type declared)
    {
        if (!_cases.TryGetValue(declared, out var cases))
            _cases.Add(declared, cases = RecordShape.CasesOf(declared));
        return cases;
    }

    // As it is written here, or with dashes and in any case, as on a command line.
    private static Type? CaseOf(IReadOnlyDictionary<string, Type> cases, string word) => cases.TryGetValue(word, out var type) ? type
        : cases.FirstOrDefault(entry => string.Equals(
            entry.Key, word.Replace("-", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase)).Value;

    private JsonException Unknown(JsonElement kind, string path, IEnumerable<string> cases, Type declared)
    {
        var hint = kind.ValueKind == JsonValueKind.String
            ? Suggestion.Among(cases.Concat(words.Of(declared).Select(word => word.Key)), kind.GetString()!) : "";
        var brief = words.Of(declared).Select(word => word.Key).ToList();
        var known = string.Join(", ", new[] { List(brief), List(cases.Except(brief)) }.Where(list => list.Length > 0));
        return new($"{path} is {kind.GetRawText()}; it must be one of {known}{(hint.Length == 0 ? "." : hint)}");
    }

    // What a word stands for: whole, or only in what must be said.
    private sealed record Preset(object Value, bool IsWhole);
}
