using System.Text;
using Diffusion.Math.Values;
using Diffusion.Model.Images;
using SkiaSharp;

namespace Diffusion.Specs.Images;

/// <summary>Animations as GIF and WebP, decoded again by Skia.</summary>
public sealed class AnimationSpecs
{
    private static readonly Seed Random = new(11);

    private static RgbImage Image(int width, int height, Func<int, byte> value) =>
        new(width, height, [.. Enumerable.Range(0, 3 * width * height).Select(value)]);

    private static RgbImage Grey(int width, int height, int frame) =>
        Image(width, height, at => (byte)Random.Bits(at / 3 + 100_000 * frame));

    private static RgbImage Coloured(int width, int height, int frame) =>
        Image(width, height, at => (byte)Random.Bits(at + 100_000 * frame));

    private static Animation Of(params RgbImage[] images) =>
        new(images.Select((image, index) => new Frame(image, TimeSpan.FromMilliseconds(100 + 20 * index))).ToSequence());

    private static byte[] Written(Action<Stream, Animation, Sequence<Note>> write, Animation animation)
    {
        using var stream = new MemoryStream();
        write(stream, animation, [new("seed", "7"), new("title", "x̂₀ <&>")]);
        return stream.ToArray();
    }

    private static void Same(Animation animation, byte[] file, int furthest)
    {
        using var codec = SKCodec.Create(new MemoryStream(file));
        Assert.Equal(animation.Size, (codec.Info.Width, codec.Info.Height));
        Assert.Equal(animation.Frames.Count, codec.FrameCount);
        Assert.Equal(-1, codec.RepetitionCount);
        var durations = animation.Frames.Select(frame => (int)frame.Duration.TotalMilliseconds);
        Assert.Equal(durations, codec.FrameInfo.Select(frame => frame.Duration));
        var info = new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        foreach (var (index, frame) in animation.Frames.Index())
        {
            using var bitmap = new SKBitmap(info);
            Assert.Equal(SKCodecResult.Success, codec.GetPixels(info, bitmap.GetPixels(), new SKCodecOptions(index)));
            var rgba = bitmap.GetPixelSpan().ToArray();
            for (var at = 0; at < frame.Image.Rgb.Length; at++)
                Assert.InRange(Abs(rgba[at / 3 * 4 + at % 3] - frame.Image.Rgb[at]), 0, furthest);
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 5)]
    [InlineData(90, 70)]
    public void A_gif_of_grey_images_loses_nothing(int width, int height)
    {
        var animation = Of([.. Enumerable.Range(0, 3).Select(frame => Grey(width, height, frame))]);
        Same(animation, Written(Gif.Write, animation), 0);
    }

    [Fact]
    public void A_gif_of_even_images_is_small()
    {
        var animation = Of(Image(400, 300, _ => 200), Image(400, 300, at => (byte)(at % 900 < 450 ? 0 : 255)));
        var file = Written(Gif.Write, animation);
        Same(animation, file, 0);
        Assert.InRange(file.Length, 800, 6000);
    }

    [Fact]
    public void A_gif_of_many_colours_has_near_ones()
    {
        var slope = Image(64, 64, at => (byte)(at % 3 == 0 ? at / 3 % 64 * 4 : at % 3 == 1 ? at / 3 / 64 * 4 : 40));
        var animation = Of(slope, Image(64, 64, _ => 9));
        Same(animation, Written(Gif.Write, animation), 16);
        var noise = Of(Coloured(150, 120, 0), Coloured(150, 120, 1));
        Same(noise, Written(Gif.Write, noise), 64);
    }

    [Fact]
    public void A_webp_loses_nothing()
    {
        var animation = Of(Coloured(31, 17, 0), Grey(31, 17, 1), Coloured(31, 17, 2));
        Same(animation, Written(AnimatedWebp.Write, animation), 0);
    }

    [Fact]
    public void Both_say_how_they_were_made()
    {
        foreach (var write in new Action<Stream, Animation, Sequence<Note>>[] { Gif.Write, AnimatedWebp.Write })
        {
            var text = Encoding.UTF8.GetString(Written(write, Of(Grey(4, 4, 0))));
            Assert.Contains("seed: 7", text, StringComparison.Ordinal);
            Assert.Contains("title: x̂₀", text, StringComparison.Ordinal);
        }
    }

    private static readonly Sequence<Note> Notes =
    [
        new("seed", "7"), new("title", "x̂₀ <&> ü: \"a\""), new("words", "two\nlines"),
        new("request", $$"""{"a":"{{new string('b', 999)}}"}"""),
    ];

    private static readonly Dictionary<string, byte[]> Files = new()
    {
        ["PNG"] = Bytes(stream => Apng.Write(stream, Of(Grey(4, 5, 0)), Notes)),
        ["GIF"] = Bytes(stream => Gif.Write(stream, Of(Grey(4, 5, 0)), Notes)),
        ["WebP"] = Bytes(stream => AnimatedWebp.Write(stream, Of(Grey(4, 5, 0)), Notes)),
        ["SVG"] = Encoding.UTF8.GetBytes(
            ImageGrid.Of(TorchSharp.torch.zeros(1, 1, 5, 4), GridLayout.Of(1) with { Gap = 0 }).ToSvg(Notes).ToString()),
    };

    private static byte[] Bytes(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }

    [Theory]
    [InlineData("PNG")]
    [InlineData("GIF")]
    [InlineData("WebP")]
    [InlineData("SVG")]
    public void Notes_of_every_format_read_back_as_they_were_written(string format)
    {
        Assert.True(ImageNotes.IsFormat(Files[format].AsSpan(0, 16)));
        var read = ImageNotes.Read(Files[format])!;
        Assert.Equal((format, (4, 5)), (read.Format, read.Size!.Value));
        Assert.Equal(Notes, read.Notes);
    }

    [Fact]
    public void A_text_is_never_read_back_as_another_note()
    {
        Sequence<Note> notes = [new("labels", "a\nrequest: {}"), new("words", "two\nlines")];
        byte[][] files =
        [
            Bytes(stream => Gif.Write(stream, Of(Grey(4, 5, 0)), notes)),
            Bytes(stream => AnimatedWebp.Write(stream, Of(Grey(4, 5, 0)), notes)),
            Encoding.UTF8.GetBytes(ImageGrid.Of(TorchSharp.torch.zeros(1, 1, 5, 4), GridLayout.Of(1)).ToSvg(notes).ToString()),
        ];
        Assert.All(files, file =>
            Assert.Equal([new("labels", @"a\u000Arequest: {}"), new("words", "two\nlines")], ImageNotes.Read(file)!.Notes));
    }

    [Theory]
    [InlineData("PNG")]
    [InlineData("GIF")]
    [InlineData("WebP")]
    [InlineData("SVG")]
    public void Files_cut_off_anywhere_give_whole_notes_or_none(string format)
    {
        for (var length = 0; length < Files[format].Length; length++)
            if (ImageNotes.Read(Files[format].AsSpan(0, length)) is { } read)
                Assert.All(read.Notes, (note, index) => Assert.Equal(Notes[index], note));
    }

    [Theory]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'><desc>a: b</desc></svg>", "b")]
    [InlineData("\uFEFF<?xml version='1.0'?><!-- x --><svg xmlns='http://www.w3.org/2000/svg'><desc>a: b</desc></svg>", "b")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'><g><desc>a: b</desc></g></svg>", "")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'><desc>a: <b/></desc></svg>", null)]
    [InlineData("<!DOCTYPE svg [<!ENTITY x 'y'>]><svg xmlns='http://www.w3.org/2000/svg'><desc>a: &x;</desc></svg>", null)]
    [InlineData("<!DOCTYPE svg SYSTEM 'file:///etc/hostname'><svg xmlns='http://www.w3.org/2000/svg'><desc>a: b</desc></svg>", null)]
    [InlineData("<html><desc>a: b</desc></html>", null)]
    [InlineData("<", null)]
    public void A_drawing_has_its_own_description_and_nothing_from_outside(string text, string? note)
    {
        var read = ImageNotes.Read(Encoding.UTF8.GetBytes(text));
        Assert.Equal(note, read is null ? null : string.Concat(read.Notes.Select(found => found.Text)));
    }

    [Fact]
    public void Frames_of_different_sizes_are_refused()
    {
        foreach (var write in new Action<Stream, Animation, Sequence<Note>>[] { Gif.Write, AnimatedWebp.Write, Apng.Write })
            Assert.Throws<ArgumentException>(() => Written(write, Of(Grey(4, 4, 0), Grey(4, 5, 0))));
    }
}
