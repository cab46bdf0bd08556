using System.Buffers.Binary;
using System.Collections.ObjectModel;
using System.IO.Compression;
using System.Text;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Tensors;
using TorchSharp;

namespace Diffusion.Model.Formats.Torch;

/// <summary>Writes a state dictionary as <c>torch.save</c> does: a zip file with a pickle and one storage for each tensor.</summary>
/// <remarks>
/// The container of PyTorch 1.6 and later, with a pickle of protocol 2: <c>archive/data.pkl</c>, <c>archive/data/0</c>,
/// <c>archive/data/1</c> and so on, and <c>archive/version</c>, none of them compressed. The pickle is an <c>OrderedDict</c> whose values
/// are calls of <c>torch._utils._rebuild_tensor_v2</c>; nothing is remembered for later use, since nothing is used twice.
/// </remarks>
public static class TorchPickleWriter
{
    /// <summary>The usual ending of such a file.</summary>
    public const string Extension = ".pth";

    private const byte Protocol = 2;
    private const string Folder = "archive/";

    // The first moment that a zip file can name: the bytes shall not depend on the clock.
    private static readonly DateTimeOffset NoTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes names and tensors in their order, replacing the file at once or not at all.</summary>
    /// <remarks>The bytes depend on nothing but names, tensors and texts. Tensors become contiguous and share no memory.</remarks>
    /// <param name="path">The file.</param>
    /// <param name="tensors">Names and tensors.</param>
    /// <param name="metadata">Texts to be carried beside them, each in a record of its name, which <c>torch.load</c> passes over.</param>
    /// <exception cref="ArgumentException">A name occurs twice, or a type cannot be stored.</exception>
    /// <exception cref="IOException">The file cannot be written; the old one, if any, is untouched.</exception>
    public static void Write(
        string path, IEnumerable<(string Name, torch.Tensor Tensor)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var state = tensors.ToArray();
        if (state.GroupBy(item => item.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new ArgumentException($"The name '{twice.Key}' is taken.", nameof(tensors));
        var program = Program(state);
        AtomicFile.Write(path, stream =>
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
            Add(zip, "data.pkl", content => content.Write(program));
            foreach (var (key, (_, tensor)) in state.Index())
                Add(zip, $"data/{key}", content => TensorBytes.Read(tensor, content.Write));
            Add(zip, "version", content => content.Write("3\n"u8));
            foreach (var (name, text) in metadata ?? ReadOnlyDictionary<string, string>.Empty)
                Add(zip, TorchZip.Metadata + name, content => content.Write(Encoding.UTF8.GetBytes(text)));
        });
    }

    private static void Add(ZipArchive zip, string name, Action<Stream> write)
    {
        var entry = zip.CreateEntry(Folder + name, CompressionLevel.NoCompression);
        entry.LastWriteTime = NoTime;
        using var content = entry.Open();
        write(content);
    }

    private static byte[] Program((string Name, torch.Tensor Tensor)[] state)
    {
        using var pickle = new MemoryStream();
        pickle.Write([(byte)PickleOpcode.Proto, Protocol]);
        EmptyDictionary(pickle);
        Put(pickle, PickleOpcode.Mark);
        foreach (var (key, (name, tensor)) in state.Index())
        {
            Text(pickle, name);
            Tensor(pickle, $"{key}", ElementType.Of(tensor.dtype), TensorShape.Of(tensor.shape));
        }
        Put(pickle, PickleOpcode.SetItems);
        Put(pickle, PickleOpcode.Stop);
        return pickle.ToArray();
    }

    // _rebuild_tensor_v2(storage, offset, sizes, strides, requires_grad, hooks)
    private static void Tensor(Stream pickle, string key, ElementType type, TensorShape shape)
    {
        Global(pickle, "torch._utils", "_rebuild_tensor_v2");
        Put(pickle, PickleOpcode.Mark);
        Storage(pickle, key, type, shape.Elements);
        Integer(pickle, 0);
        Integers(pickle, shape);
        Integers(pickle, PickleTensor.RowMajor(shape));
        Put(pickle, PickleOpcode.NewFalse);
        EmptyDictionary(pickle);
        Put(pickle, PickleOpcode.Tuple);
        Put(pickle, PickleOpcode.Reduce);
    }

    // The persistent identifier ('storage', type, key, device, number of elements).
    private static void Storage(Stream pickle, string key, ElementType type, long elements)
    {
        Put(pickle, PickleOpcode.Mark);
        Text(pickle, "storage");
        Global(pickle, "torch", PickleGlobal.StorageName(type));
        Text(pickle, key);
        Text(pickle, "cpu");
        Integer(pickle, elements);
        Put(pickle, PickleOpcode.Tuple);
        Put(pickle, PickleOpcode.BinPersId);
    }

    private static void EmptyDictionary(Stream pickle)
    {
        Global(pickle, "collections", "OrderedDict");
        Put(pickle, PickleOpcode.EmptyTuple);
        Put(pickle, PickleOpcode.Reduce);
    }

    private static void Integers(Stream pickle, IEnumerable<long> numbers)
    {
        Put(pickle, PickleOpcode.Mark);
        foreach (var number in numbers)
            Integer(pickle, number);
        Put(pickle, PickleOpcode.Tuple);
    }

    private static void Integer(Stream pickle, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        if (number <= int.MaxValue)
            pickle.Write([(byte)PickleOpcode.BinInt, .. bytes[..sizeof(int)]]);
        else
            pickle.Write([(byte)PickleOpcode.Long1, sizeof(long), .. bytes]);
    }

    private static void Text(Stream pickle, string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
        pickle.Write([(byte)PickleOpcode.BinUnicode, .. length, .. utf8]);
    }

    private static void Global(Stream pickle, string module, string name) =>
        pickle.Write([(byte)PickleOpcode.Global, .. Encoding.UTF8.GetBytes($"{module}\n{name}\n")]);

    private static void Put(Stream pickle, PickleOpcode opcode) => pickle.WriteByte((byte)opcode);
}
