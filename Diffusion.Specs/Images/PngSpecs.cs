using System.Buffers.Binary;
using System.Text;
using Diffusion.Math.Values;
using Diffusion.Model.Images;
using Diffusion.Specs.Data;

namespace Diffusion.Specs.Images;

public sealed class PngSpecs
{
    private static readonly Seed Random = new(5);

    // Noise, and a slope that the filters flatten.
    private static RgbImage Noise(int width, int height) =>
        new(width, height, [.. Enumerable.Range(0, 3 * width * height).Select(at => (byte)Random.Bits(at))]);

    private static RgbImage Slope(int width, int height) =>
        new(width, height, [.. Enumerable.Range(0, 3 * width * height)
            .Select(at => (byte)(at / 3 % width * 3 + at / 3 / width * 5 + at % 3))]);

    private static byte[] Encode(RgbImage image, params Note[] notes)
    {
        using var stream = new MemoryStream();
        Png.Write(stream, image, notes.ToSequence());
        return stream.ToArray();
    }

    private static IEnumerable<(string Type, byte[] Content)> Chunks(byte[] png)
    {
        Assert.Equal([0x89, .. "PNG\r\n"u8, 0x1A, 0x0A], png[..8]);
        for (var at = 8; at < png.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            var crc = BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at + 8 + length));
            Assert.Equal(ReferenceCrc(png.AsSpan(at + 4, length + 4)), crc);
            yield return (Encoding.ASCII.GetString(png, at + 4, 4), png[(at + 8)..(at + 8 + length)]);
            at += 12 + length;
        }
    }

    // Bit by bit, straight from the polynomial.
    private static uint ReferenceCrc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
            for (var bit = 0; bit < 8; bit++)
                crc = ((crc ^ (uint)value >> bit) & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
        return ~crc;
    }

    [Property(MaxTest = 40)]
    public void Another_decoder_sees_the_pixels_that_were_written(PositiveInt width, PositiveInt height)
    {
        var (w, h) = (width.Get % 40 + 1, height.Get % 40 + 1);
        foreach (var image in new[] { Noise(w, h), Slope(w, h) })
            Assert.Equal(image.Rgb, ImageDecoder.Decode("written", Encode(image)).Rgb);
    }

    [Fact]
    public void Filters_make_smooth_images_small()
    {
        Assert.InRange(Encode(Slope(128, 128)).Length, 1, 128 * 128 * 3 / 50);
    }

    [Property(MaxTest = 50)]
    public void A_row_is_filtered_as_the_specification_says_byte_by_byte(int seed, bool isOpaque, bool isAlike)
    {
        var (random, pixel) = (new Random(seed), isOpaque ? 3 : 4);
        var (row, above) = (new byte[pixel * random.Next(1, 80)], new byte[0]);
        // Few values, so that filters tie and predictions come true.
        for (var at = 0; at < row.Length; at++)
            row[at] = (byte)(random.Next(4) * 85 * random.Next(2));
        above = isAlike ? [.. row] : [.. row.Select(value => (byte)(value + random.Next(3) - 1))];
        byte Before(byte[] bytes, int at) => at < pixel ? (byte)0 : bytes[at - pixel];
        var filtered = Enumerable.Range(0, 5).Select(filter => row.Select((value, at) =>
            (byte)(value - Predicted(filter, Before(row, at), above[at], Before(above, at)))).ToArray()).ToArray();
        var best = filtered.Index().MinBy(candidate => candidate.Item.Sum(value => Abs((int)(sbyte)value)));
        Assert.Equal([(byte)best.Index, .. best.Item], PngFilters.Best(row, above, pixel));
    }

    private static int Predicted(int filter, int left, int up, int corner)
    {
        int[] nearest = [left, up, corner];
        return filter switch
        {
            0 => 0, 1 => left, 2 => up, 3 => (left + up) / 2, _ => nearest.MinBy(value => Abs(left + up - corner - value)),
        };
    }

    [Fact]
    public void Equal_images_and_notes_become_equal_bytes()
    {
        Assert.Equal(Encode(Slope(9, 9), new Note("seed", "1")), Encode(Slope(9, 9), new Note("seed", "1")));
        Assert.NotEqual(Encode(Slope(9, 9), new Note("seed", "1")), Encode(Slope(9, 9), new Note("seed", "2")));
    }

    [Fact]
    public void Notes_stand_before_the_pixels_in_their_order()
    {
        var chunks = Chunks(Encode(Slope(4, 4), new("sampler", "ddim 10"), new("prediction", "ε"))).ToArray();
        Assert.Equal(["IHDR", "tEXt", "iTXt", "IDAT", "IEND"], chunks.Select(chunk => chunk.Type));
        Assert.Equal("sampler\0ddim 10", Encoding.Latin1.GetString(chunks[1].Content));
        Assert.Equal("prediction\0\0\0\0\0ε", Encoding.UTF8.GetString(chunks[2].Content));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" seed")]
    [InlineData("η")]
    [InlineData("a\0b")]
    public void A_keyword_must_be_printable_latin(string keyword) => Assert.Throws<ArgumentException>(() => new Note(keyword, ""));

    [Fact]
    public void A_failed_save_leaves_the_old_file()
    {
        using var folder = new TemporaryFolder();
        Png.Save(folder["a.png"], Slope(4, 4), []);
        Assert.Equal(Encode(Slope(4, 4)), File.ReadAllBytes(folder["a.png"]));
        Assert.ThrowsAny<IOException>(() => Png.Save(Path.Combine(folder.Path, "absent", "a.png"), Slope(4, 4), []));
        Assert.Throws<ArgumentException>(() => Apng.Save(folder["a.png"], new([new(Slope(4, 4), default), new(Slope(3, 4), default)]), []));
        Assert.Equal(Encode(Slope(4, 4)), File.ReadAllBytes(folder["a.png"]));
        Assert.Single(Directory.EnumerateFiles(folder.Path));
    }

    [Fact]
    public void An_animation_holds_every_frame_with_its_duration()
    {
        RgbImage[] images = [Slope(11, 7), Noise(11, 7), Slope(11, 7)];
        using var stream = new MemoryStream();
        var frames = Sequence.Generate(3, index => new Frame(images[index], TimeSpan.FromMilliseconds(40 + index)));
        Apng.Write(stream, new(frames), [new("steps", "3")]);
        var bytes = stream.ToArray();
        var chunks = Chunks(bytes).ToArray();

        Assert.Equal("IHDR tEXt acTL fcTL IDAT fcTL fdAT fcTL fdAT IEND", string.Join(' ', chunks.Select(chunk => chunk.Type)));
        Assert.Equal([0, 0, 0, 3, 0, 0, 0, 0], chunks[2].Content);
        // Frame and data chunks are numbered together.
        var numbered = chunks.Where(chunk => chunk.Type is "fcTL" or "fdAT");
        Assert.Equal([0, 1, 2, 3, 4], numbered.Select(chunk => BinaryPrimitives.ReadInt32BigEndian(chunk.Content)));
        var controls = chunks.Where(chunk => chunk.Type == "fcTL");
        Assert.Equal([40, 41, 42], controls.Select(chunk => (int)BinaryPrimitives.ReadUInt16BigEndian(chunk.Content.AsSpan(20))));
        Assert.Equal(images[0].Rgb, ImageDecoder.Decode("first", bytes).Rgb);

        var data = chunks.Where(chunk => chunk.Type == "fdAT").Select(chunk => chunk.Content[4..]).ToArray();
        foreach (var (frame, image) in data.Zip(images.Skip(1)))
            Assert.Equal(image.Rgb, ImageDecoder.Decode("later", Single(chunks[0].Content, frame)).Rgb);
    }

    [Fact]
    public void A_still_is_what_is_seen_where_nothing_moves_and_no_frame_of_the_animation()
    {
        using var stream = new MemoryStream();
        Apng.Write(stream, new([new(Noise(5, 5), default), new(Noise(5, 5), default)]) { Still = Slope(5, 5) }, []);
        var chunks = Chunks(stream.ToArray()).ToArray();
        Assert.Equal("IHDR acTL IDAT fcTL fdAT fcTL fdAT IEND", string.Join(' ', chunks.Select(chunk => chunk.Type)));
        Assert.Equal([0, 0, 0, 2, 0, 0, 0, 0], chunks[1].Content);
        Assert.Equal([0, 1, 2, 3],
            chunks.Where(chunk => chunk.Type is "fcTL" or "fdAT").Select(chunk => BinaryPrimitives.ReadInt32BigEndian(chunk.Content)));
        Assert.Equal(Slope(5, 5).Rgb, ImageDecoder.Decode("still", stream.ToArray()).Rgb);
        Assert.Throws<ArgumentException>(() => Apng.Write(stream, new([new(Noise(5, 5), default)]) { Still = Slope(5, 4) }, []));
    }

    // A PNG of its own around the content of one frame.
    private static byte[] Single(byte[] header, byte[] content)
    {
        using var stream = new MemoryStream();
        stream.Write([0x89, .. "PNG\r\n"u8, 0x1A, 0x0A]);
        foreach (var (type, body) in new[] { ("IHDR", header), ("IDAT", content), ("IEND", []) })
            PngChunks.Write(stream, type, body);
        return stream.ToArray();
    }
}
