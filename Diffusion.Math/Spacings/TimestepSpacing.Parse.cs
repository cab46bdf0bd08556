using System.Globalization;
using Diffusion.Math.Values;

namespace Diffusion.Math.Spacings;

public abstract partial record TimestepSpacing
{
    /// <summary>
    /// A grid in guided-diffusion's notation: "50" or "10,15,20" for <see cref="Sections"/>, "ddim50" for <see cref="WholeStride"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The text is neither.</exception>
    public static TimestepSpacing Parse(string text)
    {
        const string ddim = "ddim";
        return text.StartsWith(ddim, StringComparison.Ordinal)
            ? new WholeStride(ParseCount(text[ddim.Length..], text))
            : new Sections(text.Split(',').Select(part => ParseCount(part, text)).ToSequence());
    }

    private static int ParseCount(string part, string text) =>
        int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
            ? count
            : throw new ArgumentException($"'{text}' is no spacing; write \"50\", \"10,15,20\" or \"ddim50\".", nameof(text));
}
