using System.Numerics;

namespace Diffusion.Model.Images;

/// <summary>The filters of PNG: what is left of a row where each byte is predicted by those before it.</summary>
/// <remarks>W3C, "Portable Network Graphics (PNG) Specification (Third Edition)", Section 9.</remarks>
internal static class PngFilters
{
    private const byte None = 0;
    private const byte Up = 2;
    private const byte Last = 4;

    /// <summary>
    /// The mark of a filter and the filtered bytes: of the five, those that, seen as signed, have the least sum of magnitudes.
    /// </summary>
    /// <remarks>The specification's advice, Section 12.7; the first filter where several have that sum.</remarks>
    /// <param name="row">The bytes of a row.</param>
    /// <param name="above">Those of the row above; zeros above the first.</param>
    /// <param name="pixel">Bytes of a pixel.</param>
    public static byte[] Best(ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, int pixel)
    {
        // Of rows that are alike, as most of a chart are, Up leaves zeros. So does an earlier filter only where all are zeros.
        if (row.SequenceEqual(above))
            return [row.ContainsAnyExcept((byte)0) ? Up : None, .. new byte[row.Length]];
        var (left, corner) = (new byte[row.Length], new byte[row.Length]);
        row[..^pixel].CopyTo(left.AsSpan(pixel));
        above[..^pixel].CopyTo(corner.AsSpan(pixel));
        byte[] best = [];
        var least = long.MaxValue;
        for (var filter = None; filter <= Last; filter++)
        {
            var filtered = new byte[row.Length + 1];
            filtered[0] = filter;
            if (Apply(filter, row, new(left, above, corner), filtered.AsSpan(1)) is var sum && sum < least)
                (least, best) = (sum, filtered);
        }
        return best;
    }

    // The bytes before each byte of a row, of the pixel at its left, above and at the corner between.
    private readonly ref struct Neighbours(ReadOnlySpan<byte> left, ReadOnlySpan<byte> above, ReadOnlySpan<byte> corner)
    {
        public ReadOnlySpan<byte> Left { get; } = left;

        public ReadOnlySpan<byte> Above { get; } = above;

        public ReadOnlySpan<byte> Corner { get; } = corner;
    }

    // Many bytes at once, and the rest one by one. Returns the sum of magnitudes.
    private static long Apply(byte filter, ReadOnlySpan<byte> row, Neighbours known, Span<byte> filtered)
    {
        var (sum, at) = (0L, 0);
        for (; at <= row.Length - Vector<byte>.Count; at += Vector<byte>.Count)
        {
            var (left, above, corner) = (
                new Vector<byte>(known.Left[at..]), new Vector<byte>(known.Above[at..]), new Vector<byte>(known.Corner[at..]));
            var value = new Vector<byte>(row[at..]) - Predicted(filter, left, above, corner);
            value.CopyTo(filtered[at..]);
            Vector.Widen(Vector.Min(value, Vector<byte>.Zero - value), out var low, out var high);
            sum += Vector.Sum(low + high);
        }
        for (; at < row.Length; at++)
        {
            filtered[at] = (byte)(row[at] - Predicted(filter, known.Left[at], known.Above[at], known.Corner[at]));
            sum += Abs((int)(sbyte)filtered[at]);
        }
        return sum;
    }

    private static int Predicted(byte filter, byte left, byte up, byte corner) => filter switch
    {
        None => 0,
        1 => left,
        Up => up,
        3 => (left + up) / 2,
        _ => Paeth(left, up, corner),
    };

    private static Vector<byte> Predicted(byte filter, Vector<byte> left, Vector<byte> up, Vector<byte> corner) => filter switch
    {
        None => Vector<byte>.Zero,
        1 => left,
        Up => up,
        // What both have, and half of what one has: no carry is lost.
        3 => (left & up) + ((left ^ up) >> 1),
        _ => Paeth(left, up, corner),
    };

    // Whichever of the three is nearest to left + up − corner; in this order where they tie.
    private static int Paeth(int left, int up, int corner)
    {
        var (toLeft, toUp, toCorner) = (Abs(up - corner), Abs(left - corner), Abs(left + up - 2 * corner));
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }

    private static Vector<byte> Paeth(Vector<byte> left, Vector<byte> up, Vector<byte> corner)
    {
        Vector.Widen(left, out var leftLow, out var leftHigh);
        Vector.Widen(up, out var upLow, out var upHigh);
        Vector.Widen(corner, out var cornerLow, out var cornerHigh);
        return Vector.Narrow(Paeth(leftLow, upLow, cornerLow), Paeth(leftHigh, upHigh, cornerHigh));
    }

    private static Vector<ushort> Paeth(Vector<ushort> left, Vector<ushort> up, Vector<ushort> corner)
    {
        var (toUp, toLeft) = (left.As<ushort, short>() - corner.As<ushort, short>(), up.As<ushort, short>() - corner.As<ushort, short>());
        var (farLeft, farUp, farCorner) = (Vector.Abs(toLeft), Vector.Abs(toUp), Vector.Abs(toLeft + toUp));
        var isLeft = Vector.LessThanOrEqual(farLeft, farUp) & Vector.LessThanOrEqual(farLeft, farCorner);
        var upOrCorner = Vector.ConditionalSelect(
            Vector.LessThanOrEqual(farUp, farCorner), up.As<ushort, short>(), corner.As<ushort, short>());
        return Vector.ConditionalSelect(isLeft, left.As<ushort, short>(), upOrCorner).As<short, ushort>();
    }
}
