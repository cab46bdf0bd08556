using System.Reflection;
using System.Text.Json;
using Diffusion.Math.Values;

namespace Diffusion.Math.Json;

/// <summary>The reading half of <see cref="UnionJson"/>.</summary>
/// <param name="words">What may stand for values of unions.</param>
internal sealed partial class UnionReader(UnionWords words)
{
    private static readonly MethodInfo SequenceReader =
        typeof(UnionReader).GetMethod(nameof(ReadSequence), BindingFlags.Instance | BindingFlags.NonPublic)!;

    private readonly Dictionary<Type, RecordShape> _shapes = [];
    private readonly Dictionary<Type, IReadOnlyDictionary<string, Type>> _cases = [];

    public object Read(JsonElement element, Type type, string path)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum)
            return ReadWord(element, type, path);
        if (UnionWriter.IsSequence(type))
            return Invoke(() => SequenceReader.MakeGenericMethod(type.GetGenericArguments()).Invoke(this, [element, path])!);
        return ReadScalar(element, type, path) ?? ReadRecord(element, type, path);
    }

    private static object? ReadScalar(JsonElement element, Type type, string path)
    {
        var isNumber = element.ValueKind == JsonValueKind.Number;
        object? value = type switch
        {
            _ when type == typeof(double) => isNumber && double.IsFinite(element.GetDouble()) ? element.GetDouble() : null,
            _ when type == typeof(int) => isNumber && element.TryGetInt32(out var number) ? number : null,
            _ when type == typeof(long) => isNumber && element.TryGetInt64(out var number) ? number : null,
            _ when type == typeof(ulong) => isNumber && element.TryGetUInt64(out var number) ? number : null,
            _ when type == typeof(string) => element.ValueKind == JsonValueKind.String ? element.GetString() : null,
            _ when type == typeof(bool) => element.ValueKind is JsonValueKind.True or JsonValueKind.False ? element.GetBoolean() : null,
            _ => null,
        };
        return ScalarOf(type) is not { } expected || value is not null
            ? value
            : throw new JsonException($"{path} is {element.GetRawText()}; it must be {expected}.");
    }

    private static string? ScalarOf(Type type) => Type.GetTypeCode(type) switch
    {
        _ when type.IsEnum => null,
        TypeCode.Double => "a finite number",
        TypeCode.Int32 or TypeCode.Int64 or TypeCode.UInt64 => "a whole number",
        TypeCode.String => "a text",
        TypeCode.Boolean => "true or false",
        _ => null,
    };

    private static object ReadWord(JsonElement element, Type type, string path)
    {
        var words = RecordShape.WordsOf(type);
        return element.ValueKind == JsonValueKind.String && words.TryGetValue(element.GetString()!, out var name)
            ? Enum.Parse(type, name)
            : throw new JsonException($"{path} is {element.GetRawText()}; it must be one of {List(words.Keys)}.");
    }

    private Sequence<T> ReadSequence<T>(JsonElement element, string path) =>
        element.ValueKind == JsonValueKind.Array
            ? element.EnumerateArray().Select((item, index) => (T)Read(item, typeof(T), $"{path}[{index}]")).ToSequence()
            : throw new JsonException($"{path} is {element.GetRawText()}; it must be a list.");

    private object ReadRecord(JsonElement element, Type declared, string path)
    {
        if (declared.IsAbstract)
            return ReadCase(element, declared, path);
        var shape = ShapeOf(declared);
        if (shape.IsTransparent)
            return Construct(shape, [Read(element, shape.Fields[0].Type, path)], [], path);
        return shape.Kind is null ? ReadFields(element, shape, path, null) : ReadCase(element, declared, path);
    }

    private object ReadFields(JsonElement element, RecordShape shape, string path, Preset? preset)
    {
        RequireObject(element, path);
        string[] known = [.. shape.Kind is null ? [] : (string[])["kind"], .. shape.Fields.Select(field => field.Name)];
        foreach (var property in element.EnumerateObject().Where(property => !known.Contains(property.Name)))
            throw new JsonException(
                $"{path} has an unknown field \"{property.Name}\"; known are {List(known)}" +
                (Suggestion.Among(known, property.Name) is { Length: > 0 } hint ? hint : "."));
        bool IsOpen(RecordField field) => !element.TryGetProperty(field.Name, out _);
        bool IsPreset(RecordField field) => preset is not null && (preset.IsWhole || field.IsRequired);
        if (shape.Fields.FirstOrDefault(field => field.IsRequired && IsOpen(field) && !IsPreset(field)) is { } missing)
            throw Lacking(path, missing);
        object? Content(RecordField field) => !IsOpen(field) ? ReadField(element.GetProperty(field.Name), field, path)
            : IsPreset(field) ? field.Property.GetValue(preset!.Value) : field.Default;
        return Construct(
            shape,
            [.. shape.Positional.Select(Content)],
            [.. shape.Named.Where(field => !IsOpen(field) || IsPreset(field)).Select(field => (field, Content(field)))],
            path);
    }

    private object? ReadField(JsonElement content, RecordField field, string path) =>
        content.ValueKind == JsonValueKind.Null && field.MayBeNull ? null : Read(content, field.Type, $"{path}.{field.Name}");

    private static object Construct(RecordShape shape, object?[] arguments, (RecordField Field, object? Value)[] named, string path)
    {
        try
        {
            var value = Invoke(() => shape.Constructor.Invoke(arguments));
            foreach (var (field, content) in named)
                Set(value, field, content, path);
            return value;
        }
        catch (ArgumentException refusal)
        {
            // Of a record that stands for its one component, the path is that of the component.
            throw shape.Fields.FirstOrDefault(field => field.Property.Name == refusal.ParamName) is { } field
                ? Refused(shape.IsTransparent ? path : $"{path}.{field.Name}", refusal) : Refused(path, refusal);
        }
    }

    private static void Set(object value, RecordField field, object? content, string path)
    {
        try
        {
            Invoke(() => field.Property.SetMethod!.Invoke(value, [content]));
        }
        catch (ArgumentException refusal)
        {
            throw Refused($"{path}.{field.Name}", refusal);
        }
    }

    // Without the parameter's name and value, which .NET appends. What begins with the parameter's name begins with the path instead.
    private static JsonException Refused(string path, ArgumentException refusal) =>
        new(Sentence.Of(refusal) is var text && refusal.ParamName is { Length: > 0 } name
            && text.StartsWith($"{name} ", StringComparison.Ordinal) ? $"{path}{text[name.Length..]}" : $"{path}: {text}", refusal);

    private RequiredFieldException Lacking(string path, RecordField field)
    {
        var type = Nullable.GetUnderlyingType(field.Type) ?? field.Type;
        var (example, expected) = ScalarOf(type) is { } scalar ? (scalar == "a text" ? "TEXT" : "N", scalar)
            : Such(type) is { } word ? (word, $"such as \"{word}\"")
            : UnionWriter.IsSequence(type) ? ("[...]", "a list") : ("{...}", "an object");
        return new(path, field.Name, expected, example);
    }

    // The first word that says enough by itself.
    private string? Such(Type type) => type.IsEnum ? RecordShape.WordsOf(type).Keys.First()
        : !type.IsAbstract ? null
        : CasesOf(type).Where(entry => ShapeOf(entry.Value).Fields.All(part => !part.IsRequired)).Select(entry => entry.Key)
            .Concat(words.Of(type).Select(word => word.Key).Order(StringComparer.Ordinal)).FirstOrDefault();

    // Reflection wraps what the called code throws.
    private static T Invoke<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (TargetInvocationException wrapper) when (wrapper.InnerException is ArgumentException or JsonException)
        {
            throw wrapper.InnerException;
        }
    }

    private static void RequireObject(JsonElement element, string path)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new JsonException($"{path} is {element.GetRawText()}; it must be an object.");
    }

    private RecordShape ShapeOf(Type type)
    {
        if (!_shapes.TryGetValue(type, out var shape))
            _shapes.Add(type, shape = RecordShape.Of(type));
        return shape;
    }

    private static string List(IEnumerable<string> words) =>
        string.Join(", ", words.Order(StringComparer.Ordinal).Select(word => $"\"{word}\""));
}
