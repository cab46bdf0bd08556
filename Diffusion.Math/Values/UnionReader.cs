using System.Reflection;
using System.Text.Json;

namespace Diffusion.Math.Values;

/// <summary>The reading half of <see cref="UnionJson"/>.</summary>
internal sealed class UnionReader
{
    private static readonly MethodInfo SequenceReader = typeof(UnionReader).GetMethod(nameof(ReadSequence), BindingFlags.Instance | BindingFlags.NonPublic)!;

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
        var expected = Type.GetTypeCode(type) switch
        {
            TypeCode.Double => "a finite number",
            TypeCode.Int32 or TypeCode.Int64 or TypeCode.UInt64 => "a whole number",
            TypeCode.String => "a text",
            TypeCode.Boolean => "true or false",
            _ => null,
        };
        return expected is null || value is not null ? value : throw new JsonException($"{path} is {element.GetRawText()}; it must be {expected}.");
    }

    private static object ReadWord(JsonElement element, Type type, string path)
    {
        var words = Enum.GetNames(type).ToDictionary(RecordShape.CamelCase);
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
            return ReadFields(element, ShapeOf(CaseOf(element, declared, path)), path);
        var shape = ShapeOf(declared);
        if (shape.IsTransparent)
            return Construct(shape, [Read(element, shape.Fields[0].Parameter.ParameterType, path)], path);
        return ReadFields(element, shape.Kind is null ? shape : ShapeOf(CaseOf(element, declared, path)), path);
    }

    private Type CaseOf(JsonElement element, Type declared, string path)
    {
        if (!_cases.TryGetValue(declared, out var cases))
            _cases.Add(declared, cases = RecordShape.CasesOf(declared));
        RequireObject(element, path);
        if (!element.TryGetProperty("kind", out var kind))
            throw new JsonException($"{path} has no \"kind\"; it must be one of {List(cases.Keys)}.");
        return kind.ValueKind == JsonValueKind.String && cases.TryGetValue(kind.GetString()!, out var type)
            ? type
            : throw new JsonException($"{path}.kind is {kind.GetRawText()}; it must be one of {List(cases.Keys)}.");
    }

    private object ReadFields(JsonElement element, RecordShape shape, string path)
    {
        RequireObject(element, path);
        string[] known = [.. shape.Kind is null ? [] : (string[])["kind"], .. shape.Fields.Select(field => field.Name)];
        foreach (var property in element.EnumerateObject().Where(property => !known.Contains(property.Name)))
            throw new JsonException($"{path} has an unknown field \"{property.Name}\"; known are {List(known)}.");
        return Construct(shape, [.. shape.Fields.Select(field => ReadField(element, field, path))], path);
    }

    private object? ReadField(JsonElement element, RecordField field, string path)
    {
        if (!element.TryGetProperty(field.Name, out var content))
        {
            return field.Parameter.HasDefaultValue ? field.Parameter.DefaultValue
                : field.MayBeNull ? null
                : throw new JsonException($"{path} lacks the field \"{field.Name}\".");
        }
        return content.ValueKind == JsonValueKind.Null && field.MayBeNull ? null : Read(content, field.Parameter.ParameterType, $"{path}.{field.Name}");
    }

    private static object Construct(RecordShape shape, object?[] arguments, string path)
    {
        try
        {
            return Invoke(() => shape.Constructor.Invoke(arguments));
        }
        catch (ArgumentException refusal)
        {
            throw new JsonException($"{path}: {refusal.Message}", refusal);
        }
    }

    // Reflection wraps what the called code throws.
    private static object Invoke(Func<object> call)
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

    private static string List(IEnumerable<string> words) => string.Join(", ", words.Order(StringComparer.Ordinal).Select(word => $"\"{word}\""));
}
