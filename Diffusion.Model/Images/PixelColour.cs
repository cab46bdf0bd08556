using System.Globalization;

namespace Diffusion.Model.Images;

/// <summary>A colour, as a person writes it.</summary>
/// <param name="Red">0 to 255.</param>
/// <param name="Green">0 to 255.</param>
/// <param name="Blue">0 to 255.</param>
public readonly record struct PixelColour(byte Red, byte Green, byte Blue)
{
    /// <summary>What is expected of its text.</summary>
    public const string Expected = "white, black, or a colour such as #ff8000";

    /// <summary>What transparency is laid over where nobody says another colour.</summary>
    public static PixelColour White { get; } = new(255, 255, 255);

    /// <summary>Reads <c>white</c>, <c>black</c>, or # and six hexadecimal digits.</summary>
    public static bool TryParse(string text, out PixelColour colour)
    {
        var word = text.ToLowerInvariant();
        colour = word == "white" ? White : default;
        if (word is "white" or "black")
            return true;
        if (word.Length != 7 || word[0] != '#'
            || !int.TryParse(word.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var rgb))
            return false;
        colour = new((byte)(rgb >> 16), (byte)(rgb >> 8), (byte)rgb);
        return true;
    }

    /// <summary>A share of a colour over this one, channel by channel.</summary>
    /// <param name="value">The colour's channel.</param>
    /// <param name="channel">0 for red, 1 for green, 2 for blue.</param>
    /// <param name="opacity">255 for a colour that hides this one.</param>
    internal byte Under(byte value, int channel, byte opacity)
    {
        if (opacity == 255)
            return value;
        var own = channel switch { 0 => Red, 1 => Green, _ => Blue };
        return (byte)((value * opacity + own * (255 - opacity) + 127) / 255);
    }

    /// <summary>As it is read.</summary>
    public override string ToString() =>
        this == White ? "white" : this == default ? "black" : string.Create(CultureInfo.InvariantCulture, $"#{Red:x2}{Green:x2}{Blue:x2}");
}
