using Diffusion.Math.Values;

namespace Diffusion.Model.Images;

/// <summary>Where everything lies on a sheet, in its pixels.</summary>
/// <param name="layout">How images are laid out.</param>
/// <param name="count">How many images.</param>
/// <param name="size">Width and height of an image before it is enlarged.</param>
internal sealed class GridPlaces(GridLayout layout, int count, (int Width, int Height) size)
{
    private const int LineHeight = Letters.Height + 2;

    private const int NarrowestTitle = 20;

    /// <summary>The width of the sheet.</summary>
    public int Width => Max(Body, TitleLines.Count == 0 ? 0 : 2 * layout.Gap + TitleWidth * Letters.Width);

    /// <summary>The height of the sheet.</summary>
    public int Height => Top + layout.Gap + Rows * CellHeight;

    /// <summary>The top left corner of an image.</summary>
    public (int Left, int Top) CornerOf(int image)
    {
        var (row, column) = DivRem(image, layout.Columns);
        return (Margin + layout.Gap + column * CellWidth, Top + layout.Gap + row * CellHeight);
    }

    /// <summary>All texts, with the top left corner of each.</summary>
    public IEnumerable<(string Text, int Left, int Top)> Texts()
    {
        foreach (var (line, text) in TitleLines.Index())
            yield return (text, layout.Gap, layout.Gap + line * LineHeight);
        var end = 0;
        foreach (var (column, text) in layout.ColumnLabels.Take(layout.Columns).Index())
            if (Centred(text, CornerOf(column).Left) is var left && left >= end)
            {
                end = left + (text.Length + 1) * Letters.Width;
                yield return (text, left, Top + layout.Gap - LineHeight);
            }
        foreach (var (row, text) in layout.RowLabels.Take(Rows).Index())
            yield return (text, layout.Gap, Top + layout.Gap + row * CellHeight + (size.Height * layout.Scale - Letters.Height) / 2);
        foreach (var (image, caption) in layout.Captions.Take(count).Index())
            foreach (var (line, text) in caption.Split('\n').Index())
            {
                var corner = CornerOf(image);
                yield return (text, Centred(text, corner.Left), corner.Top + size.Height * layout.Scale + 2 + line * LineHeight);
            }
    }

    private int Rows => (count + layout.Columns - 1) / layout.Columns;

    private int Margin { get; } = layout.RowLabels.Select(label => label.Length * Letters.Width).DefaultIfEmpty().Max();

    private int CellWidth => size.Width * layout.Scale + layout.Gap;

    private int CellHeight { get; } =
        size.Height * layout.Scale + layout.Gap + LineHeight * layout.Captions.Select(caption => caption.Split('\n').Length)
            .DefaultIfEmpty().Max();

    private int Body => Margin + layout.Gap + layout.Columns * CellWidth;

    private int Top => LineHeight * TitleLines.Count + (layout.ColumnLabels.Count > 0 ? LineHeight : 0);

    private int TitleWidth => TitleLines.Max(line => line.Length);

    private Sequence<string> TitleLines =>
        field ??= Broken(layout.Title, Max(NarrowestTitle, (Body - 2 * layout.Gap) / Letters.Width)).ToSequence();

    private int Centred(string text, int left) => Max(0, left + (size.Width * layout.Scale - text.Length * Letters.Width) / 2);

    private static IEnumerable<string> Broken(string title, int width)
    {
        var line = "";
        foreach (var word in title.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = "";
            }
            line = line.Length == 0 ? word : $"{line} {word}";
        }
        if (line.Length > 0)
            yield return line;
    }
}
