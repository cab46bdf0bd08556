namespace Diffusion.Model.Images;

/// <summary>Draws ASCII text with the letters of <c>letters.png</c>: labels need no font and are the same everywhere.</summary>
internal static class Letters
{
    /// <summary>The width of a letter's cell, spacing included.</summary>
    public const int Width = 6;

    /// <summary>The height of a letter's cell.</summary>
    public const int Height = 8;

    private const int LettersPerRow = 16;

    private static readonly Lazy<RgbImage> Sheet = new(() =>
    {
        using var content = typeof(Letters).Assembly.GetManifestResourceStream("letters.png")!;
        var bytes = new byte[content.Length];
        content.ReadExactly(bytes);
        return ImageDecoder.Decode("letters.png", bytes);
    });

    /// <summary>Draws a line of text with its top left corner at a point; what falls outside the image is cut off.</summary>
    public static void Draw(RgbImage onto, string text, int left, int top)
    {
        foreach (var (index, character) in text.Index())
        {
            var letter = (character is >= ' ' and <= '~' ? character : '?') - ' ';
            for (var y = 0; y < Height && top + y < onto.Height; y++)
                for (var x = 0; x < Width; x++)
                {
                    var column = left + index * Width + x;
                    if (top + y >= 0 && column >= 0 && column < onto.Width)
                        Sheet.Value.Row(letter / LettersPerRow * Height + y).Slice(3 * (letter % LettersPerRow * Width + x), 3)
                            .CopyTo(onto.Row(top + y)[(3 * column)..]);
                }
        }
    }
}
