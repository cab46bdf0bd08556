using System.Text.Json;

namespace Diffusion.Specs.Reference;

/// <summary>
/// Reads a reference file strictly: a field nobody asked for is a failure, found by <see cref="ReferenceObject.Complete"/>.
/// </summary>
public static class ReferenceFile
{
    /// <summary>The whole of one JSON file of the reference folder.</summary>
    public static ReferenceObject Open(string name) =>
        new(JsonDocument.Parse(File.ReadAllBytes(Repository.ReferencePath(name))).RootElement, name);
}

/// <summary>A JSON object that remembers which of its fields were read.</summary>
public sealed class ReferenceObject(JsonElement element, string path)
{
    private readonly HashSet<string> _read = [];

    /// <summary>Where in which file this object stands, for messages.</summary>
    public string Path => path;

    /// <summary>Whether the field is present; asking does not count as reading.</summary>
    public bool Has(string field) => element.TryGetProperty(field, out _);

    /// <summary>The raw field.</summary>
    public JsonElement this[string field]
    {
        get
        {
            _read.Add(field);
            return element.TryGetProperty(field, out var value) ? value : throw new KeyNotFoundException($"{path}: no field '{field}'.");
        }
    }

    /// <summary>A nested object.</summary>
    public ReferenceObject Object(string field) => new(this[field], $"{path}.{field}");

    /// <summary>A list of nested objects.</summary>
    public IReadOnlyList<ReferenceObject> Objects(string field) =>
        [.. this[field].EnumerateArray().Select((item, index) => new ReferenceObject(item, $"{path}.{field}[{index}]"))];

    /// <summary>A number; "NaN", "Infinity" and "-Infinity" are numbers too.</summary>
    public double Number(string field) => Double(this[field]);

    /// <summary>A whole number.</summary>
    public int Integer(string field) => this[field].GetInt32();

    /// <summary>A string.</summary>
    public string Text(string field) => this[field].GetString()!;

    /// <summary>All numbers of an array of any depth, in row-major order.</summary>
    public double[] Numbers(string field) => [.. Flatten(this[field])];

    /// <summary>Marks fields as understood but of no consequence to the check.</summary>
    public void Ignore(params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
            _read.Add(field);
    }

    /// <summary>Fails when the object holds a field that was neither read nor ignored.</summary>
    public void Complete()
    {
        var unknown = element.EnumerateObject().Select(property => property.Name).Where(name => !_read.Contains(name)).ToArray();
        Assert.True(unknown.Length == 0, $"{path}: fields that no spec interprets: {string.Join(", ", unknown)}");
    }

    private static IEnumerable<double> Flatten(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().SelectMany(Flatten) : [Double(value)];

    private static double Double(JsonElement value) =>
        value.ValueKind == JsonValueKind.String
            ? value.GetString() switch
            {
                "NaN" => double.NaN,
                "Infinity" => double.PositiveInfinity,
                "-Infinity" => double.NegativeInfinity,
                var text => throw new FormatException($"'{text}' is not a number."),
            }
            : value.GetDouble();
}
