using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Diffusion.Math.Values;

namespace Diffusion.Math.Json;

/// <summary>Records and unions as JSON, and back without loss.</summary>
/// <remarks>
/// A record becomes an object of its constructor's parameters in camel case: what is computed from them is left out. A case of a union also
/// says which one it is: <c>{ "kind": "linear", "count": 1000, "first": 0.0001, "last": 0.02 }</c>. A <see cref="Sequence{T}"/> becomes an
/// array, an enum a word, a record struct of one component that component. Reading is strict: a kind or field that is unknown, doubled or
/// missing is refused with its place and what would have been possible; a parameter with a default may be left out. Numbers must be finite.
/// A kind without settings may be written as its word alone, and in the spelling of a command line (<c>warm-up</c> for <c>warmUp</c>).
/// </remarks>
public static class UnionJson
{
    private static readonly JsonDocumentOptions Lenient =
        new() { AllowDuplicateProperties = false, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>The value as indented text, lines ending in \n.</summary>
    /// <exception cref="ArgumentException">A number is not finite.</exception>
    /// <exception cref="NotSupportedException">The value holds something that is neither record, union, sequence, enum, number, text nor
    /// truth.</exception>
    public static string Write<T>(T value)
        where T : notnull
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new() { Indented = true, NewLine = "\n" }))
            Write(value, json);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Writes the value as part of something larger.</summary>
    /// <exception cref="ArgumentException">A number is not finite.</exception>
    /// <exception cref="NotSupportedException">The value holds something that is neither record, union, sequence, enum, number, text nor
    /// truth.</exception>
    public static void Write<T>(T value, Utf8JsonWriter json)
        where T : notnull =>
        new UnionWriter(json).Write(value);

    /// <summary>The value that <paramref name="text"/> describes; comments and trailing commas are allowed.</summary>
    /// <exception cref="JsonException">The text is no JSON or no <typeparamref name="T"/>; the message says where and what would have been
    /// possible.</exception>
    public static T Read<T>(string text) => Read<T>(text, UnionWords.None);

    /// <summary>The same, where words may stand for values of unions.</summary>
    /// <exception cref="JsonException">The text is no JSON or no <typeparamref name="T"/>; the message says where and what would have been
    /// possible.</exception>
    public static T Read<T>(string text, UnionWords words)
    {
        using var document = Parse(text);
        try
        {
            return (T)new UnionReader(words).Read(document.RootElement, typeof(T), "$");
        }
        catch (InvalidOperationException refusal)
        {
            throw new JsonException("a text in it ends in the middle of a character (a lone surrogate).", refusal);
        }
    }

    /// <summary>The value that a part of a document describes.</summary>
    /// <exception cref="JsonException">It is no <typeparamref name="T"/>; the message says where and what would have been
    /// possible.</exception>
    public static T Read<T>(JsonElement element) => (T)new UnionReader(UnionWords.None).Read(element, typeof(T), "$");

    /// <summary>The text as JSON; comments and trailing commas are allowed, a name that stands twice is not.</summary>
    /// <remarks>In words of its own: those of .NET are for people who write parsers.</remarks>
    /// <exception cref="JsonException">It is no JSON; the message says from where on.</exception>
    public static JsonDocument Parse(string text)
    {
        try
        {
            return JsonDocument.Parse(text, Lenient);
        }
        catch (JsonException refusal)
        {
            if (refusal is not { LineNumber: { } line, BytePositionInLine: { } place })
                throw;
            var found = string.IsNullOrWhiteSpace(text)
                ? "the text is empty; it must be JSON."
                : string.Create(
                    CultureInfo.InvariantCulture, $"the text cannot be read as JSON from line {line + 1}, byte {place + 1} on.");
            throw new JsonException(found, refusal);
        }
    }
}
