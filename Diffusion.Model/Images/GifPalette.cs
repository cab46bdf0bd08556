namespace Diffusion.Model.Images;

/// <summary>At most 256 colours that stand for all colours of some images: those themselves, where there are no more.</summary>
/// <remarks>Heckbert 1982, "Color image quantization for frame buffer display": boxes of colours, cut at their medians.</remarks>
internal sealed class GifPalette
{
    private const int Most = 256;
    private const int MostCounted = 1 << 14;
    private const int FirstBits = 0xF8F8F8;
    private const int Middle = 0x040404;
    private readonly List<(int R, int G, int B)> _colours;
    private readonly Dictionary<int, byte> _nearest = [];

    private GifPalette(IEnumerable<(int R, int G, int B)> colours) => _colours = [.. colours];

    /// <summary>The colours, three bytes each; black where there are less than 256.</summary>
    public byte[] Table
    {
        get
        {
            var table = new byte[3 * Most];
            foreach (var (index, (r, g, b)) in _colours.Index())
                (table[3 * index], table[3 * index + 1], table[3 * index + 2]) = ((byte)r, (byte)g, (byte)b);
            return table;
        }
    }

    /// <summary>The palette of all images together.</summary>
    public static GifPalette Of(IEnumerable<RgbImage> images)
    {
        var counts = new Dictionary<int, long>();
        foreach (var image in images)
            for (var at = 0; at < image.Rgb.Length; at += 3)
            {
                var colour = ColourAt(image, at);
                counts[colour] = counts.GetValueOrDefault(colour) + 1;
            }
        // Many colours are as well told apart by their first bits.
        if (counts.Count > MostCounted)
            counts = counts.GroupBy(entry => entry.Key & FirstBits | Middle)
                .ToDictionary(group => group.Key, group => group.Sum(entry => entry.Value));
        var boxes = new List<Box> { new([.. counts.Select(entry => (Parts(entry.Key), entry.Value))]) };
        while (boxes.Count < Most && boxes.MaxBy(box => box.Spread) is { Spread: > 0 } widest)
        {
            boxes.Remove(widest);
            boxes.AddRange(widest.Cut());
        }
        return new(boxes.Select(box => box.Mean));
    }

    /// <summary>The number of the nearest colour for every pixel.</summary>
    public byte[] IndicesOf(RgbImage image)
    {
        var indices = new byte[image.Rgb.Length / 3];
        for (var pixel = 0; pixel < indices.Length; pixel++)
        {
            var colour = ColourAt(image, 3 * pixel);
            if (!_nearest.TryGetValue(colour, out var index))
                _nearest[colour] = index = Nearest(Parts(colour));
            indices[pixel] = index;
        }
        return indices;
    }

    private static int ColourAt(RgbImage image, int at) => image.Rgb[at] << 16 | image.Rgb[at + 1] << 8 | image.Rgb[at + 2];

    private static (int R, int G, int B) Parts(int colour) => (colour >> 16, colour >> 8 & 0xFF, colour & 0xFF);

    private byte Nearest((int R, int G, int B) colour)
    {
        var (best, least) = (0, int.MaxValue);
        for (var index = 0; index < _colours.Count && least > 0; index++)
        {
            var (r, g, b) = (_colours[index].R - colour.R, _colours[index].G - colour.G, _colours[index].B - colour.B);
            if (r * r + g * g + b * b is var distance && distance < least)
                (best, least) = (index, distance);
        }
        return (byte)best;
    }

    private sealed record Box(((int R, int G, int B) Colour, long Count)[] Colours)
    {
        private readonly int[] _widths =
        [
            .. Enumerable.Range(0, 3).Select(part =>
                Colours.Max(entry => Part(entry.Colour, part)) - Colours.Min(entry => Part(entry.Colour, part))),
        ];

        private readonly long _total = Colours.Sum(entry => entry.Count);

        // How much there is to gain by a cut; 0 for a single colour.
        public double Spread => (double)_widths.Max() * _widths.Max() * _total;

        public (int R, int G, int B) Mean => (MeanOf(0), MeanOf(1), MeanOf(2));

        public Box[] Cut()
        {
            var longest = Array.IndexOf(_widths, _widths.Max());
            var sorted = Colours.OrderBy(entry => Part(entry.Colour, longest)).ThenBy(entry => entry.Colour).ToArray();
            var (at, before) = (0, 0L);
            do
                before += sorted[at++].Count;
            while (at < sorted.Length - 1 && before + sorted[at].Count <= _total / 2);
            return [new(sorted[..at]), new(sorted[at..])];
        }

        private int MeanOf(int part) => (int)((Colours.Sum(entry => entry.Count * Part(entry.Colour, part)) + _total / 2) / _total);

        private static int Part((int R, int G, int B) colour, int part) => part switch { 0 => colour.R, 1 => colour.G, _ => colour.B };
    }
}
