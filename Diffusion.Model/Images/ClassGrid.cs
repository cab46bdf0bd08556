using Diffusion.Math.Values;
using TorchSharp;

namespace Diffusion.Model.Images;

/// <summary>
/// How images of several classes are laid out: whole rows of each, as many as make the sheet about square; a column of each, where the
/// sheet would be tall otherwise and names fit above. Classes too many for a sheet that is to be looked at stand beside one another, with
/// their names below.
/// </summary>
/// <param name="Layout">The sheet.</param>
/// <param name="Classes">How many classes.</param>
/// <param name="Each">Images of a class; at least 1.</param>
/// <param name="Cells">Places of a class, the last of which may be empty; at least <paramref name="Each"/>.</param>
public sealed record ClassGrid(GridLayout Layout, int Classes, int Each, int Cells)
{
    private const double TallestForRows = 2.5;
    private const double TallestBesideColumns = 1.6;

    // What a letter takes at most on average; names are only shortened by it.
    private const int LetterWidth = 7;
    private const int LongestRowLabel = 24;
    private const int CaptionHeight = 14;

    // Empty places are worth avoiding where that leaves the sheet about as square.
    private const double EmptyPlaces = 0.3;

    /// <summary>Whether a class is a column, and not whole rows.</summary>
    public bool IsByColumn { get; init; }

    /// <summary>The layout.</summary>
    /// <param name="names">The names of the classes, in their order; at least one.</param>
    /// <param name="each">Images of a class; at least 1.</param>
    /// <param name="size">Of an image.</param>
    /// <param name="scale">Every image pixel becomes a square of this side; at least 1.</param>
    public static ClassGrid Of(Sequence<string> names, int each, ImageSize size, int scale)
    {
        Require.AtLeast(each, 1);
        var basis = GridLayout.Of(1) with { Scale = scale };
        var (width, height) = (size.Width * scale + basis.Gap, size.Height * scale + basis.Gap);
        var labels = names.Select(name => Shortened(name, LongestRowLabel)).ToSequence();
        var margin = labels.Max(label => label.Length) * LetterWidth;
        var rows = Enumerable.Range(1, each).MinBy(rows => Fault(
            margin + (double)Columns(rows) * width, (double)names.Count * rows * height, Columns(rows) * rows > each));
        var columns = Columns(rows);
        if ((double)names.Count * rows * height > TallestBesideColumns * (margin + columns * width) && margin <= width
            && (double)names.Count * width <= TallestForRows * each * height)
            return new(basis with { Columns = names.Count, ColumnLabels = labels }, names.Count, each, each) { IsByColumn = true };
        return (double)names.Count * rows * height <= TallestForRows * (margin + columns * width)
            ? new(basis with { Columns = columns, RowLabels = Repeated(labels, rows) }, names.Count, each, columns * rows)
            : Beside(names, each, basis, size);

        int Columns(int rows) => (each + rows - 1) / rows;
    }

    /// <summary>The same sheet at another scale; null leaves everything as it is.</summary>
    public ClassGrid At(int? scale) => this with { Layout = Layout.At(scale) };

    /// <summary>The sheet.</summary>
    /// <param name="images">[N, C, H, W] in [−1, 1].</param>
    /// <param name="indexOf">The number of an image by its class and its place in the class; null for an empty place.</param>
    public ImageGrid Compose(torch.Tensor images, Func<int, int, int?> indexOf)
    {
        using var scope = torch.NewDisposeScope();
        var empty = (int)images.shape[0];
        var cells = Enumerable.Range(0, Classes * Cells)
            .Select(cell => IsByColumn ? (Class: cell % Classes, Place: cell / Classes) : (Class: cell / Cells, Place: cell % Cells))
            .Select(at => (at.Place < Each ? indexOf(at.Class, at.Place) : null) ?? empty).ToArray();
        cells = cells[..(1 + Array.FindLastIndex(cells, cell => cell != empty))];
        // White where there is none.
        var all = torch.cat([images, torch.ones([1, .. images.shape[1..]], images.dtype)]);
        return ImageGrid.Of(all.index_select(0, torch.tensor(cells)), Layout);
    }

    private static ClassGrid Beside(Sequence<string> names, int each, GridLayout basis, ImageSize size)
    {
        // With so many classes images are to be legible all the same.
        var scale = Max(basis.Scale, GridLayout.Readable(1, size.Height).Scale);
        basis = basis with { Scale = scale };
        var cell = (Width: size.Width * scale + basis.Gap, Height: size.Height * scale + basis.Gap + CaptionHeight);
        var beside = Enumerable.Range(1, names.Count).MinBy(beside => Fault(
            (double)beside * each * cell.Width, (double)Rows(beside) * cell.Height, names.Count % beside != 0));
        var captions = names.Select(name => Shortened(name, Max(4, each * cell.Width / LetterWidth))).ToSequence();
        return new(basis with { Columns = beside * each, Captions = OfFirst(captions, each, (each - 1) / 2) }, names.Count, each, each);

        int Rows(int beside) => (names.Count + beside - 1) / beside;
    }

    // 0 for a square.
    private static double Fault(double width, double height, bool hasEmptyPlaces) =>
        Abs(Log(width / height)) + (hasEmptyPlaces ? EmptyPlaces : 0);

    private static Sequence<string> Repeated(Sequence<string> texts, int times) =>
        texts.SelectMany(text => Enumerable.Repeat(text, times)).ToSequence();

    // Each text at one of so many places, and nothing at the others.
    private static Sequence<string> OfFirst(Sequence<string> texts, int places, int at) =>
        texts.SelectMany(text => Enumerable.Range(0, places).Select(place => place == at ? text : "")).ToSequence();

    private static string Shortened(string name, int letters)
    {
        if (name.Length <= letters)
            return name;
        // What is alike in names is mostly their beginning, and what tells them apart the end.
        var (begin, end) = ((letters - 1) / 2, name.Length - (letters - 2) / 2);
        return $"{name[..(char.IsHighSurrogate(name[begin - 1]) ? begin - 1 : begin)]}.."
            + name[(char.IsLowSurrogate(name[end]) ? end + 1 : end)..];
    }
}
