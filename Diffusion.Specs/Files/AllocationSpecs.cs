using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Diffusion.Model.Files;
using Diffusion.Model.Formats;

namespace Diffusion.Specs.Files;

/// <summary>Files of some megabytes that describe as much as they can: reading takes no more than twice their size and 16 MiB.</summary>
public sealed class AllocationSpecs
{
    private const int Size = 3 << 20;

    [Theory]
    [InlineData("\"a{0:x5}\":{{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}},")]
    [InlineData("\"a{0:x5}\":{{\"dtype\":\"U8\",\"shape\":[0,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,0]}},")]
    public void Headers_of_empty_tensors(string entry) => Bounded(Header(entry, "{*}"));

    [Theory]
    [InlineData("\"a{0:x}\":\"\",")]
    [InlineData("\"a{0:x}\":\"one text after another, each of eighty characters, which are more when they are in memory\",")]
    public void Headers_of_texts(string entry) => Bounded(Header(entry, "{\"__metadata__\":{*}}"));

    [Theory]
    [InlineData("N")]
    [InlineData("(")]
    [InlineData(")")]
    [InlineData("]")]
    [InlineData("}")]
    [InlineData("\u0088")]
    [InlineData("K\u0001")]
    [InlineData("\u008A\u0000")]
    [InlineData("G\0\0\0\0\0\0\0\0")]
    [InlineData("X\0\0\0\0")]
    [InlineData("\u008C\u0001a")]
    [InlineData("]\u0094")]
    [InlineData("N\u0085")]
    [InlineData("ccollections\nOrderedDict\n")]
    [InlineData("ccollections\nOrderedDict\n)R")]
    [InlineData("](NNNNNNNNNNNNNNNNe")]
    [InlineData("}(NNNNNNNNNNNNNNNNu")]
    public void Pickles_of_one_thing_after_another(string instructions) =>
        Bounded(Pickler.Program([.. Repeat("(", instructions), (byte)'t']));

    [Theory]
    [InlineData("K\u0001")]
    [InlineData("h\0")]
    public void Lists_of_one_thing_after_another(string instructions) =>
        Bounded(Pickler.Program([.. Repeat("]q\0](", instructions), (byte)'e']));

    private static byte[] Repeat(string start, string instructions) =>
        Encoding.Latin1.GetBytes(start + string.Concat(Enumerable.Repeat(instructions, Size / instructions.Length)));

    private static byte[] Header(string entry, string frame)
    {
        var entries = new StringBuilder();
        for (var index = 0; entries.Length < Size; index++)
            entries.AppendFormat(CultureInfo.InvariantCulture, entry, index);
        var json = Encoding.UTF8.GetBytes(frame.Replace("*", entries.ToString().TrimEnd(','), StringComparison.Ordinal));
        var prefix = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, json.Length);
        return [.. prefix, .. json];
    }

    private static void Bounded(byte[] content)
    {
        using var file = content[0] == 0x80 ? Pickler.Zip(content) : FileBytes.Of("made up", content);
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            FileFormats.Describe(file);
        }
        catch (InvalidFileException)
        {
            // Refusing is as good as reading.
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2 * file.Length + (16 << 20));
    }
}
