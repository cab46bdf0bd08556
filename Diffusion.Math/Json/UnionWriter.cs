using System.Collections;
using System.Text.Json;
using Diffusion.Math.Values;

namespace Diffusion.Math.Json;

/// <summary>The writing half of <see cref="UnionJson"/>.</summary>
internal sealed class UnionWriter(Utf8JsonWriter json)
{
    private readonly Dictionary<Type, RecordShape> _shapes = [];

    public void Write(object value)
    {
        switch (value)
        {
            case double number:
                json.WriteNumberValue(Require.Finite(number));
                break;
            case int number:
                json.WriteNumberValue(number);
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            case ulong number:
                json.WriteNumberValue(number);
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case bool truth:
                json.WriteBooleanValue(truth);
                break;
            case Enum word:
                json.WriteStringValue(WordOf(word));
                break;
            case IEnumerable items when IsSequence(value.GetType()):
                json.WriteStartArray();
                foreach (var item in items)
                    Write(item);
                json.WriteEndArray();
                break;
            default:
                WriteRecord(value);
                break;
        }
    }

    // A combination of values has no field of its own.
    private static string WordOf(Enum word) =>
        Enum.GetName(word.GetType(), word) is { } name ? RecordShape.NameOf(name) : $"{word}";

    public static bool IsSequence(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Sequence<>);

    private void WriteRecord(object value)
    {
        if (!_shapes.TryGetValue(value.GetType(), out var shape))
            _shapes.Add(value.GetType(), shape = RecordShape.Of(value.GetType()));
        if (shape.IsTransparent)
        {
            Write(shape.Fields[0].Property.GetValue(value)!);
            return;
        }
        json.WriteStartObject();
        if (shape.Kind is { } kind)
            json.WriteString("kind", kind);
        foreach (var field in shape.Fields)
        {
            var content = field.Property.GetValue(value);
            if (content is null && field.Parameter is not null)
                continue;
            json.WritePropertyName(field.Name);
            if (content is null)
                json.WriteNullValue();
            else
                Write(content);
        }
        json.WriteEndObject();
    }
}
