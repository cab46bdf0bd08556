using System.Buffers.Binary;
using System.Collections.ObjectModel;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Diffusion.Model.Files;
using TorchSharp;

namespace Diffusion.Model.Formats.Tensors;

/// <summary>The safetensors format: named tensors and a few texts, laid out so that they can be mapped into memory.</summary>
public static class Safetensors
{
    /// <summary>The usual ending of such a file.</summary>
    public const string Extension = ".safetensors";

    private const int Alignment = 8;

    // Names are written as they are, as the format's own library does; nothing here ends up in a web page.
    private static readonly JsonWriterOptions AsWritten = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Opens and checks a file.</summary>
    /// <exception cref="InvalidFileException">It is not a safetensors file, or a damaged one.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static SafetensorsFile Open(string path) => Open(FileBytes.Map(path));

    /// <summary>Checks a file given by its bytes, which are disposed of with the result, or at once where they are refused.</summary>
    /// <exception cref="InvalidFileException">It is not a safetensors file, or a damaged one.</exception>
    public static SafetensorsFile Open(FileBytes file) => file.OrDispose(() => new SafetensorsFile(file));

    /// <summary>Writes tensors without texts.</summary>
    /// <inheritdoc cref="Write(string, IEnumerable{ValueTuple{string, torch.Tensor}}, IReadOnlyDictionary{string, string})"/>
    public static void Write(string path, IEnumerable<(string Name, torch.Tensor Tensor)> tensors) =>
        Write(path, tensors, ReadOnlyDictionary<string, string>.Empty);

    /// <summary>Writes tensors and texts, replacing the file at once or not at all. Tensors are streamed, one after another.</summary>
    /// <remarks>The bytes depend on nothing but names, tensors and texts. The order is that of the format's own library: types of wide
    /// alignment first, then names by their UTF-8 bytes; so a file written by it, read and written here, stays the same.</remarks>
    /// <exception cref="ArgumentException">A name occurs twice or is <c>__metadata__</c>, or a type cannot be stored.</exception>
    /// <exception cref="IOException">The file cannot be written; the old one, if any, is untouched.</exception>
    public static void Write(
        string path, IEnumerable<(string Name, torch.Tensor Tensor)> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var ordered = InWritingOrder(tensors);
        var header = Header(ordered, metadata);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach (var (_, tensor) in ordered)
                TensorBytes.Read(tensor, stream.Write);
        });
    }

    private static IReadOnlyList<(string Name, torch.Tensor Tensor)> InWritingOrder(IEnumerable<(string Name, torch.Tensor Tensor)> tensors)
    {
        var ordered = tensors
            .OrderByDescending(item => SafetensorsCodes.Rank(ElementType.Of(item.Tensor.dtype)))
            .ThenBy(item => Encoding.UTF8.GetBytes(item.Name), Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)))
            .ToArray();
        var names = new HashSet<string> { SafetensorsHeader.MetadataKey };
        foreach (var (name, _) in ordered)
            if (!names.Add(name))
                throw new ArgumentException($"The name '{name}' is taken.", nameof(tensors));
        return ordered;
    }

    private static byte[] Header(IReadOnlyList<(string Name, torch.Tensor Tensor)> ordered, IReadOnlyDictionary<string, string> metadata)
    {
        using var buffer = new MemoryStream();
        buffer.SetLength(SafetensorsHeader.Prefix);
        buffer.Position = SafetensorsHeader.Prefix;
        using (var json = new Utf8JsonWriter(buffer, AsWritten))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
                WriteMetadata(json, metadata);
            var offset = 0L;
            foreach (var (name, tensor) in ordered)
                offset = WriteEntry(json, new SafetensorsEntry(name, ElementType.Of(tensor.dtype), TensorShape.Of(tensor.shape), offset));
            json.WriteEndObject();
        }
        while (buffer.Length % Alignment != 0)
            buffer.WriteByte((byte)' ');
        var header = buffer.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(header, header.Length - SafetensorsHeader.Prefix);
        return header;
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        json.WriteStartObject(SafetensorsHeader.MetadataKey);
        foreach (var (key, text) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            json.WriteString(key, text);
        json.WriteEndObject();
    }

    private static long WriteEntry(Utf8JsonWriter json, SafetensorsEntry entry)
    {
        json.WriteStartObject(entry.Name);
        json.WriteString("dtype", SafetensorsCodes.Of(entry.Type));
        json.WriteStartArray("shape");
        foreach (var size in entry.Shape)
            json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(entry.Offset);
        json.WriteNumberValue(entry.Offset + entry.ByteCount);
        json.WriteEndArray();
        json.WriteEndObject();
        return entry.Offset + entry.ByteCount;
    }
}
