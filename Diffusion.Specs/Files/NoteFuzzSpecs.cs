using System.Text;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Specs.Data;
using TorchSharp;
using Xunit.Abstractions;
using static Diffusion.Specs.Files.FuzzFiles;

namespace Diffusion.Specs.Files;

/// <summary>Damaged notes in images.</summary>
public sealed class NoteFuzzSpecs(ITestOutputHelper output)
{
    [Fact]
    public void Damaged_notes_of_images_are_read_or_passed_over() => Tell(new Fuzz(
        [WithNotes, WithChunkSums(WithNotes)],
        ["IHDR", "IDAT", "IEND", "tEXt", "iTXt", "zTXt", "\0", "\0\0\0\0", "\u007F\u00FF\u00FF\u00FF", "\u0080\0\0\0"],
        (file, _) =>
        {
            PngNotes.Read(Bytes(file));
            return 0;
        }) { LeastRefused = 0 });

    [Fact]
    public void Damaged_notes_of_drawings_and_animations_are_read_or_passed_over() => Tell(new Fuzz(
        [Drawing, Animated(Gif.Write), Animated(AnimatedWebp.Write)],
        ["<", ">", "&", "&lt;", "&#0;", "<!DOCTYPE svg [<!ENTITY a \"b\">]>", "<desc>", "</desc>", "<![CDATA[", "svg", "!\u00FE", ",", ";",
            "XMP ", "VP8X", "RIFF", "\u00FF", "\0", "\u00FF\u00FF\u00FF\u00FF", "\u00FF\u00FF\u00FF\u007F", ": ", "\n"],
        (file, _) =>
        {
            ImageNotes.Read(Bytes(file));
            return 0;
        }) { LeastRefused = 0 });

    private static byte[] Drawing => Encoding.UTF8.GetBytes(
        ImageGrid.Of(torch.zeros(1, 1, 2, 2), GridLayout.Of(1)).ToSvg([new("recipe", "x"), new("guidance", "w = 1, größer")]).ToString());

    private static byte[] Animated(Action<Stream, Animation, Sequence<Note>> write)
    {
        using var stream = new MemoryStream();
        write(stream, new([new(Encoded.Plain(5, 4, 1, 2, 3), TimeSpan.FromSeconds(1))]), [new("recipe", "x"), new("seed", "3")]);
        return stream.ToArray();
    }

    private static byte[] WithNotes
    {
        get
        {
            using var stream = new MemoryStream();
            Png.Write(stream, Encoded.Plain(5, 4, 1, 2, 3), [new("recipe", "x"), new("guidance", "w = 1, größer")]);
            return stream.ToArray();
        }
    }

    private void Tell(Fuzz fuzz) => fuzz.Tell(output);
}
