using System.Globalization;
using System.Xml.Linq;
using Diffusion.Math.Values;
using TorchSharp;

namespace Diffusion.Model.Images;

/// <summary>Images on a white sheet, row by row, with words around them.</summary>
public sealed class ImageGrid
{
    private readonly RgbImage[] _images;
    private readonly GridLayout _layout;
    private readonly GridPlaces _places;
    private readonly GridFace _face;

    private ImageGrid(RgbImage[] images, GridLayout layout)
    {
        (_images, _layout, _face) = (images, layout, new(layout.TextSize));
        _places = new(layout, images.Length, (images[0].Width, images[0].Height), _face);
    }

    /// <summary>A sheet of images.</summary>
    /// <param name="images">
    /// [N, C, H, W] in [−1, 1], C = 1, 3, or 4 with alpha, on any device; rounded to bytes by <see cref="Pixels.ToBytes"/>.
    /// </param>
    /// <param name="layout">How they are laid out.</param>
    /// <exception cref="ArgumentException">The tensor has another shape, or holds no image.</exception>
    /// <exception cref="NotFiniteNumberException">A pixel is NaN or infinite.</exception>
    public static ImageGrid Of(torch.Tensor images, GridLayout layout)
    {
        if (images.dim() != 4 || images.shape[0] == 0 || images.shape[1] is not (1 or 3 or 4))
            throw new ArgumentException($"[{string.Join(", ", images.shape)}] is no batch of grey or coloured images.", nameof(images));
        using var scope = torch.NewDisposeScope();
        return new(Pixels.ToImages(Pixels.ToBytes(images)), layout);
    }

    /// <summary>The sheet of <see cref="Of"/>, drawn.</summary>
    public static RgbImage Compose(torch.Tensor images, GridLayout layout) => Of(images, layout).Draw();

    /// <summary>The sheet in pixels. Around images with alpha it is opaque, and they keep theirs.</summary>
    public RgbImage Draw()
    {
        var sheet = Canvas.Draw(_places.Width, _places.Height, canvas =>
        {
            foreach (var (index, image) in _images.Index().Where(item => item.Item.Alpha is null))
                canvas.Place(image, _places.CornerOf(index), _layout.Scale);
            foreach (var text in _places.Texts())
                _face.Write(canvas, text);
        });
        if (_images[0].Alpha is null)
            return sheet;
        sheet = sheet.Opaque();
        foreach (var (index, image) in _images.Index())
            sheet.Paste(image, _places.CornerOf(index), _layout.Scale);
        return sheet;
    }

    /// <summary>The sheet as SVG: the images as PNG within it, and words that stay words.</summary>
    /// <param name="notes">What the file says of itself, in its description.</param>
    public XElement ToSvg(Sequence<Note> notes)
    {
        XNamespace svg = "http://www.w3.org/2000/svg";
        string Number(float number) => number.ToString("0.##", CultureInfo.InvariantCulture);
        return new(svg + "svg",
            new XAttribute("width", _places.Width),
            new XAttribute("height", _places.Height),
            new XAttribute("viewBox", $"0 0 {_places.Width} {_places.Height}"),
            new XAttribute("font-family", EmbeddedFonts.SvgFamilies),
            new XAttribute("font-size", Number(_layout.TextSize)),
            new XElement(svg + "desc", string.Join('\n', notes.Select(note => note.Line))),
            new XElement(svg + "rect",
                new XAttribute("width", "100%"), new XAttribute("height", "100%"), new XAttribute("fill", "white")),
            _images.Select((image, index) => new XElement(svg + "image",
                new XAttribute("x", _places.CornerOf(index).Left),
                new XAttribute("y", _places.CornerOf(index).Top),
                new XAttribute("width", image.Width * _layout.Scale),
                new XAttribute("height", image.Height * _layout.Scale),
                new XAttribute("href", $"data:image/png;base64,{Convert.ToBase64String(Enlarged(image))}"))),
            _places.Texts().Select(text => new XElement(svg + "text",
                new XAttribute("x", Number(text.Left)), new XAttribute("y", Number(text.Bottom)), text.Words)));
    }

    // Squares here and not where the file is opened: many programs blur what they enlarge.
    private byte[] Enlarged(RgbImage image)
    {
        using var stream = new MemoryStream();
        var squares = Canvas.Draw(image.Width * _layout.Scale, image.Height * _layout.Scale,
            canvas => canvas.Place(image, (0, 0), _layout.Scale));
        if (image.Alpha is not null)
            (squares = squares.Opaque()).Paste(image, (0, 0), _layout.Scale);
        Png.Write(stream, squares, []);
        return stream.ToArray();
    }
}
