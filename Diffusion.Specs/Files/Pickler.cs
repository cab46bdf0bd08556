using System.IO.Compression;
using System.Text;
using Diffusion.Model.Files;

namespace Diffusion.Specs.Files;

/// <summary>Assembles pickles by hand, honest and hostile, and packs them as PyTorch does.</summary>
internal static class Pickler
{
    public static byte[] Text(string text) =>
        [(byte)'X', .. BitConverter.GetBytes(Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    public static byte[] Number(int number) => [(byte)'J', .. BitConverter.GetBytes(number)];

    public static byte[] Global(string module, string name) => Encoding.UTF8.GetBytes($"c{module}\n{name}\n");

    public static byte[] Tuple(params byte[][] items) => [(byte)'(', .. items.SelectMany(item => item), (byte)'t'];

    public static byte[] List(params byte[][] items) => [(byte)']', (byte)'(', .. items.SelectMany(item => item), (byte)'e'];

    public static byte[] Dictionary(params byte[][] keysAndValues) =>
        [(byte)'}', (byte)'(', .. keysAndValues.SelectMany(item => item), (byte)'u'];

    public static byte[] Call(byte[] callee, params byte[][] arguments) => [.. callee, .. Tuple(arguments), (byte)'R'];

    public static byte[] Storage(string key, int elements, string type = "FloatStorage") =>
        [.. Tuple(Text("storage"), Global("torch", type), Text(key), Text("cpu"), Number(elements)), (byte)'Q'];

    public static byte[] Tensor(byte[] storage, int offset, int[] sizes, int[] strides) =>
        Call(Global("torch._utils", "_rebuild_tensor_v2"), storage, Number(offset), Tuple([.. sizes.Select(Number)]),
            Tuple([.. strides.Select(Number)]), [0x89], Call(Global("collections", "OrderedDict")));

    /// <summary>A program for the machine: the protocol, the instructions, the stop.</summary>
    public static byte[] Program(params byte[] instructions) => [0x80, 2, .. instructions, (byte)'.'];

    /// <summary>The zip container, with storages <c>0</c>, <c>1</c> and so on of these bytes.</summary>
    public static FileBytes Zip(byte[] program, params byte[][] storages)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(zip, "a/data.pkl", program);
            for (var key = 0; key < storages.Length; key++)
                Add(zip, $"a/data/{key}", storages[key]);
        }
        return FileBytes.Of("made up", stream.ToArray());
    }

    /// <summary>The legacy container, with storages <c>0</c>, <c>1</c> and so on of these bytes, 4 to an element.</summary>
    public static FileBytes Legacy(byte[] program, params byte[][] storages)
    {
        byte[] magic = [0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
        var keys = List([.. storages.Select((_, key) => Text($"{key}"))]);
        var data = storages.SelectMany(storage => (byte[])[.. BitConverter.GetBytes(storage.LongLength / 4), .. storage]);
        return FileBytes.Of("made up",
        [
            .. Program(magic), .. Program(Number(1001)), .. Program(Dictionary(Text("little_endian"), [0x88])),
            .. program, .. Program(keys), .. data,
        ]);
    }

    private static void Add(ZipArchive zip, string name, byte[] content)
    {
        using var entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
        entry.Write(content);
    }
}
