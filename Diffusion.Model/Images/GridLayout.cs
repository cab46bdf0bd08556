using Diffusion.Math.Values;

namespace Diffusion.Model.Images;

/// <summary>How images are laid out on a sheet. Images beyond a list of texts have none; of texts only what can be seen is drawn.</summary>
/// <param name="Columns">Images in a row; at least 1.</param>
/// <param name="Scale">Every image pixel becomes a square of this side; at least 1.</param>
/// <param name="Gap">Sheet pixels between images and around them; at least 0.</param>
/// <param name="RowLabels">A text at the left of each row.</param>
public sealed record GridLayout(int Columns, int Scale, int Gap, Sequence<string> RowLabels)
{
    private const int UsualHeight = 60;
    private const float UsualText = 11;
    private const float SmallestText = 9;

    /// <summary>Images in a row; at least 1.</summary>
    public int Columns { get; init => field = Require.AtLeast(value, 1, nameof(Columns)); } = Require.AtLeast(Columns, 1);

    /// <summary>Every image pixel becomes a square of this side; at least 1.</summary>
    public int Scale { get; init => field = Require.AtLeast(value, 1, nameof(Scale)); } = Require.AtLeast(Scale, 1);

    /// <summary>Sheet pixels between images and around them; at least 0.</summary>
    public int Gap { get; init => field = Require.AtLeast(value, 0, nameof(Gap)); } = Require.AtLeast(Gap, 0);

    /// <summary>A text at the left of each row.</summary>
    public Sequence<string> RowLabels { get; init => field = OneLined(value); } = OneLined(RowLabels);

    /// <summary>The font's size in sheet pixels; above 0.</summary>
    public float TextSize { get; init => field = (float)Require.Positive(value, nameof(TextSize)); } = UsualText;

    /// <summary>What stands above everything, in lines; broken into more where one is too long.</summary>
    public string Title { get; init => field = PlainText.Lines(value); } = "";

    /// <summary>A text above each column; one that would run into the text at its left is left out.</summary>
    public Sequence<string> ColumnLabels { get; init => field = OneLined(value); } = [];

    /// <summary>A text below each image, in lines.</summary>
    public Sequence<string> Captions { get; init => field = value.Select(PlainText.Lines).ToSequence(); } = [];

    /// <summary>The same sheet at another scale: gaps and texts grow with the images, and texts stay legible.</summary>
    /// <param name="scale">The side of the square that an image pixel becomes; null leaves everything as it is.</param>
    public GridLayout At(int? scale) => scale is not { } side ? this : this with
    {
        Scale = side,
        Gap = Gap == 0 ? 0 : Max(1, Gap * side / Scale),
        TextSize = Max(SmallestText, TextSize * side / Scale),
    };

    /// <summary>Original size, two pixels apart, no texts.</summary>
    public static GridLayout Of(int columns) => new(columns, 1, 2, []);

    /// <summary>The same for so many images, about as many rows as columns.</summary>
    public static GridLayout Square(int count) => Of((int)Ceiling(Sqrt(count)));

    /// <summary>A sheet to be looked at by people: images of some sixty pixels, at their own size where they are larger.</summary>
    /// <param name="columns">Images in a row.</param>
    /// <param name="height">Height of an image.</param>
    public static GridLayout Readable(int columns, int height) =>
        Of(columns) with { Scale = Max(1, (UsualHeight + height / 2) / height), Gap = 4 };

    private static Sequence<string> OneLined(Sequence<string> texts) => texts.Select(PlainText.Name).ToSequence();
}
