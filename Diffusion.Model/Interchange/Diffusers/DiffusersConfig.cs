using System.Text.Json;
using Diffusion.Model.Files;
using Diffusion.Model.Images;

namespace Diffusion.Model.Interchange.Diffusers;

/// <summary>A configuration of diffusers, read strictly: a key that nobody asked for is an error.</summary>
/// <param name="json">The object.</param>
/// <param name="place">The file, for messages.</param>
internal sealed class DiffusersConfig(JsonElement json, string place)
{
    private const string Library = "diffusers";
    private const long LongestFile = 16 << 20;
    private const int LongestQuotation = 120;
    private const int LongestSide = 16_384;

    // Notes of people and programs, and the state of an average that is saved beside the settings of its network.
    private static readonly HashSet<string> Descriptive =
    [
        "architectures", "author", "comment", "date", "description", "dtype", "library_name", "license", "model_type", "tags",
        "torch_dtype", "gradient_checkpointing", "decay", "min_decay", "optimization_step", "update_after_step", "use_ema_warmup",
        "inv_gamma", "power",
    ];

    private readonly HashSet<string> _read = ["_class_name"];
    private readonly List<string> _notes = [];

    /// <summary>The file, for messages.</summary>
    public string Place => place;

    /// <summary>What was passed over or taken otherwise than it stands there, in sentences.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>The configuration in a file.</summary>
    /// <exception cref="InputException">There is none, or it is no JSON object.</exception>
    public static DiffusersConfig Open(string path) =>
        InputFile.Reading(path, () => new FileInfo(path).Length) is var length && length > LongestFile
        ? throw new InputException(path, $"{length} bytes", "a few settings")
        : Of(InputFile.Reading(path, () => OrdinaryFile.ReadAll(path, LongestFile)), path);

    /// <summary>The configuration that these bytes are.</summary>
    /// <exception cref="InputException">They are no JSON object.</exception>
    public static DiffusersConfig Of(ReadOnlyMemory<byte> content, string place)
    {
        if (FileKind.StandIn(content.Length, content.Span) is { } other)
            throw new InputException(place, other, "a JSON object");
        try
        {
            using var document = JsonDocument.Parse(content, new() { AllowDuplicateProperties = false });
            CheckTexts(document.RootElement);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new(document.RootElement.Clone(), place)
                : throw new InputException(place, document.RootElement.ValueKind.ToString(), "a JSON object");
        }
        // The second for a text that is not UTF-8, or escapes half a surrogate pair.
        catch (Exception refusal) when (refusal is JsonException or InvalidOperationException)
        {
            throw new InputException(place, $"no JSON ({refusal.Message.TrimEnd('.')})", "a JSON object", refusal);
        }
    }

    /// <summary>One of a few texts, each of which stands for a value; the first is the library's default.</summary>
    public T Choice<T>(string key, params ReadOnlySpan<(string Name, T Value)> choices)
    {
        if (Find(key) is not { } value)
            return choices[0].Value;
        var names = new List<string>();
        foreach (var (name, meaning) in choices)
        {
            names.Add(name);
            if (value.ValueKind == JsonValueKind.String && value.GetString() == name)
                return meaning;
        }
        throw Refusal(key, string.Join(" or ", names));
    }

    /// <summary>A whole number.</summary>
    public int Whole(string key, int otherwise) => OptionalWhole(key, otherwise) ?? throw Refusal(key, "a whole number");

    /// <summary>A whole number or null.</summary>
    public int? OptionalWhole(string key, int? otherwise) => Find(key) switch
    {
        null => otherwise,
        { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out var number) => number,
        _ => throw Refusal(key, "a whole number or null"),
    };

    /// <summary>A number.</summary>
    public double Number(string key, double otherwise) => Find(key) switch
    {
        null => otherwise,
        { ValueKind: JsonValueKind.Number } value => value.GetDouble(),
        _ => throw Refusal(key, "a number"),
    };

    /// <summary>True or false.</summary>
    public bool Truth(string key, bool otherwise) => Find(key) switch
    {
        null => otherwise,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Refusal(key, "true or false"),
    };

    /// <summary>The items of a list; null where there is no list.</summary>
    public JsonElement[]? List(string key) => Find(key) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Array } value => [.. value.EnumerateArray()],
        _ => throw Refusal(key, "a list"),
    };

    /// <summary>A whole number for height and width, or two; null where there is none.</summary>
    public ImageSize? Size(string key) => Find(key) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out var side) && IsSide(side) => new(side, side),
        { ValueKind: JsonValueKind.Array } value when value.EnumerateArray()
                .ToArray() is [{ ValueKind: JsonValueKind.Number } height, { ValueKind: JsonValueKind.Number } width]
            && height.TryGetInt32(out var rows)
            && width.TryGetInt32(out var columns) && IsSide(rows) && IsSide(columns) => new(rows, columns),
        _ => throw Refusal(key, $"a whole number or two, each from 1 to {LongestSide}, or null"),
    };

    // What JSON cannot tell from a slip: an image of more is no image of pixels.
    private static bool IsSide(int side) => side is >= 1 and <= LongestSide;

    /// <summary>A list of whole numbers; null where there is no list.</summary>
    public int[]? Wholes(string key) => List(key)?.Select(item =>
        item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var number) ? number : throw Refusal(key, "whole numbers"))
            .ToArray();

    /// <summary>A part of a pipeline: the library it is from, and its class, which must be one of these.</summary>
    public void Class(string key, string expected, params ReadOnlySpan<string> classes)
    {
        if (List(key) is [{ ValueKind: JsonValueKind.String } library, { ValueKind: JsonValueKind.String } name]
            && library.GetString() == Library && classes.Contains(name.GetString()))
            return;
        throw Refusal(key, $"{Library} and {expected}");
    }

    /// <summary>A text, whatever it is; null where there is none.</summary>
    public string? Text(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        _ => throw Refusal(key, "a text"),
    };

    /// <summary>Adds a sentence to the notes.</summary>
    public void Note(string sentence) => _notes.Add($"{place}: {sentence}");

    /// <summary>Whether a key is null or absent.</summary>
    public bool IsNull(string key) => Find(key) is null or { ValueKind: JsonValueKind.Null };

    /// <summary>A key whose only meaning here is null.</summary>
    public void MustBeNull(string key)
    {
        if (Find(key) is { ValueKind: not JsonValueKind.Null })
            throw Refusal(key, "null");
    }

    /// <summary>Every key with its value as a text, but for notes of the library's own.</summary>
    public IEnumerable<(string Name, string Text)> Settings() => json.EnumerateObject()
        .Where(property => !property.Name.StartsWith('_') || property.Name == "_class_name")
        .Select(property => (property.Name == "_class_name" ? "class" : property.Name,
            property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : Compact(property.Value)));

    /// <summary>Whether the key is there.</summary>
    public bool Has(string key) => json.TryGetProperty(key, out _);

    /// <summary>Marks keys as understood but of no consequence.</summary>
    public void Ignore(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
            _read.Add(key);
    }

    /// <summary>What is built of settings; what cannot be is the file's mistake, not the program's.</summary>
    /// <param name="expected">What was to be built.</param>
    /// <param name="build">Builds it.</param>
    public T Built<T>(string expected, Func<T> build)
    {
        try
        {
            return build();
        }
        catch (Exception mismatch) when (mismatch is ArgumentException or InvalidOperationException)
        {
            throw new InputException(place, mismatch.Message, expected, mismatch);
        }
    }

    /// <summary>The refusal of a key's value.</summary>
    public InputException Refusal(string key, string expected) =>
        new(place, json.TryGetProperty(key, out var value) ? $"{key} = {Quoted(value)}" : $"no {key}", expected);

    /// <summary>Refuses keys that were neither read nor ignored; those that are empty or describe no number are noted instead.</summary>
    /// <exception cref="InputException">There are some; the message names them.</exception>
    public void Complete()
    {
        // A key with a line before it is the library's own note.
        var others = json.EnumerateObject().Where(property => !_read.Contains(property.Name) && !property.Name.StartsWith('_')).ToLookup(
            property => Descriptive.Contains(property.Name) || IsEmpty(property.Value), property => property.Name);
        if (others[false].Any())
            throw new InputException(place, $"settings without a meaning here: {Listed(others[false])}",
                "those of an unconditional or class-conditional model of pixels");
        if (others[true].Any())
            Note($"ignored, as they are empty or without effect: {Listed(others[true])}");
    }

    private static string Listed(IEnumerable<string> names) =>
        string.Join(", ", names) is { Length: > LongestQuotation } text ? $"{text[..LongestQuotation]}..." : string.Join(", ", names);

    // Null, or a part of a pipeline that is not there: [null, null].
    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.Array => value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Null),
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        _ => false,
    };

    private JsonElement? Find(string key)
    {
        _read.Add(key);
        return json.TryGetProperty(key, out var value) ? value : null;
    }

    private static string Quoted(JsonElement value) =>
        value.GetRawText() is { Length: > LongestQuotation } text ? $"{text[..LongestQuotation]}..." : value.GetRawText();

    private static string Compact(JsonElement value) => JsonSerializer.Serialize(value).Replace(",", ", ", StringComparison.Ordinal);

    // Depth is bounded by the parser.
    private static void CheckTexts(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                value.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                    CheckTexts(item);
                break;
            case JsonValueKind.Object:
                foreach (var property in value.EnumerateObject())
                {
                    _ = property.Name;
                    CheckTexts(property.Value);
                }
                break;
        }
    }
}
