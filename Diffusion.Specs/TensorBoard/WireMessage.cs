namespace Diffusion.Specs.TensorBoard;

/// <summary>Reads event files knowing only the published formats, and nothing of the code that wrote them.</summary>
public sealed class WireMessage
{
    private readonly Dictionary<ulong, (ulong Whole, byte[] Bytes)> _fields = [];

    private WireMessage(byte[] bytes)
    {
        var reader = new BinaryReader(new MemoryStream(bytes));
        while (reader.BaseStream.Position < bytes.Length)
        {
            var tag = reader.Read7BitEncodedInt();
            _fields.Add((ulong)tag >> 3, (tag & 7) switch
            {
                0 => ((ulong)reader.Read7BitEncodedInt64(), []),
                1 => (0, reader.ReadBytes(8)),
                2 => (0, reader.ReadBytes(reader.Read7BitEncodedInt())),
                5 => (0, reader.ReadBytes(4)),
                var type => throw new InvalidDataException($"wire type {type}"),
            });
        }
    }

    public static IEnumerable<WireMessage> Records(byte[] file)
    {
        var reader = new BinaryReader(new MemoryStream(file));
        while (reader.BaseStream.Position < file.Length)
        {
            var length = reader.ReadBytes(8);
            Assert.Equal(Checksum(length), reader.ReadUInt32());
            var content = reader.ReadBytes((int)BitConverter.ToInt64(length));
            Assert.Equal(Checksum(content), reader.ReadUInt32());
            yield return new(content);
        }
    }

    public bool Has(ulong field) => _fields.ContainsKey(field);

    public ulong Whole(ulong field) => _fields[field].Whole;

    public byte[] Bytes(ulong field) => _fields[field].Bytes;

    public WireMessage Inner(ulong field) => new(Bytes(field));

    // Bit by bit, as the polynomial says: x^32 + x^28 + x^27 + … reflected.
    private static uint Checksum(byte[] bytes)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78 : crc >> 1;
        }
        crc = ~crc;
        return (crc >> 15 | crc << 17) + 0xA282EAD8;
    }
}
