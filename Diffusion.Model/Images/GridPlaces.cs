using Diffusion.Math.Values;

namespace Diffusion.Model.Images;

/// <summary>Where everything lies on a sheet, in its pixels.</summary>
/// <param name="layout">How images are laid out.</param>
/// <param name="count">How many images.</param>
/// <param name="size">Width and height of an image before it is enlarged.</param>
/// <param name="face">How words look.</param>
internal sealed class GridPlaces(GridLayout layout, int count, (int Width, int Height) size, GridFace face)
{
    // In sizes of the font.
    private const int NarrowestTitle = 10;

    /// <summary>The width of the sheet.</summary>
    public int Width => TitleLines.Count == 0
        ? Body
        : Max(Body, 2 * layout.Gap + (int)Ceiling(Max(Narrowest, TitleLines.Max(face.Width))));

    /// <summary>The height of the sheet.</summary>
    public int Height => Top + layout.Gap + Rows * CellHeight;

    /// <summary>The top left corner of an image.</summary>
    public (int Left, int Top) CornerOf(int image)
    {
        var (row, column) = DivRem(image, layout.Columns);
        return (Margin + layout.Gap + column * CellWidth, Top + layout.Gap + row * CellHeight);
    }

    /// <summary>All texts.</summary>
    public IEnumerable<GridText> Texts()
    {
        foreach (var (line, text) in TitleLines.Index())
            yield return At(text, layout.Gap, layout.Gap + line * face.LineHeight);
        var end = 0f;
        foreach (var (column, text) in layout.ColumnLabels.Take(layout.Columns).Index())
            if (Centred(text, CornerOf(column).Left) is var left && left >= end && text.Length > 0)
            {
                end = left + face.Width(text) + Space;
                yield return At(text, left, Top + layout.Gap - LabelHeight);
            }
        foreach (var (row, text) in layout.RowLabels.Take(Rows).Index())
            yield return At(text, layout.Gap, Top + layout.Gap + row * CellHeight + (size.Height * layout.Scale - face.LineHeight) / 2f);
        foreach (var (image, caption) in layout.Captions.Take(count).Index())
            foreach (var (line, text) in caption.Split('\n').Index())
            {
                var corner = CornerOf(image);
                yield return At(text, Centred(text, corner.Left), corner.Top + size.Height * layout.Scale + line * face.LineHeight);
            }
    }

    private int Rows => (count + layout.Columns - 1) / layout.Columns;

    // Letters that reach down end above the image.
    private int LabelHeight => face.LineHeight + (int)Ceiling(layout.TextSize / 6);

    private float Space => layout.TextSize / 2;

    private float Narrowest => NarrowestTitle * layout.TextSize;

    private int Margin { get; } = layout.RowLabels.Any(label => label.Length > 0)
        ? (int)Ceiling(layout.RowLabels.Max(face.Width) + layout.TextSize / 2)
        : 0;

    private int CellWidth => size.Width * layout.Scale + layout.Gap;

    private int CellHeight { get; } =
        size.Height * layout.Scale + layout.Gap + face.LineHeight * layout.Captions.Select(caption => caption.Split('\n').Length)
            .DefaultIfEmpty().Max();

    private int Body => Margin + layout.Gap + layout.Columns * CellWidth;

    private int Top =>
        (TitleLines.Count > 0 ? face.LineHeight * TitleLines.Count + layout.Gap : 0) + (layout.ColumnLabels.Count > 0 ? LabelHeight : 0);

    private Sequence<string> TitleLines => field ??= layout.Title.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .SelectMany(line => Broken(line, Max(Narrowest, Body - 2 * layout.Gap))).ToSequence();

    private GridText At(string words, float left, float top) => new(words, left, top + face.BaseLine);

    private float Centred(string text, int left) => Max(0, left + (size.Width * layout.Scale - face.Width(text)) / 2);

    private IEnumerable<string> Broken(string title, float width)
    {
        var line = "";
        foreach (var word in title.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var longer = line.Length == 0 ? word : $"{line} {word}";
            if (line.Length > 0 && face.Width(longer) > width)
            {
                yield return line;
                longer = word;
            }
            line = longer;
        }
        if (line.Length > 0)
            yield return line;
    }
}
