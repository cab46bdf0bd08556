using System.Globalization;
using Diffusion.Model.Images;

namespace Diffusion.Host.CommandLine;

/// <summary>The size of an image: one number for a square, or height and width.</summary>
/// <param name="square">A square, as an example.</param>
/// <param name="oblong">Another size, as an example.</param>
internal sealed class SizeWord(string square = "64", string oblong = "48x64") : TokenKind<ImageSize>
{
    /// <inheritdoc/>
    public override string Expected => $"a size such as {square}, or height and width such as {oblong}";

    /// <inheritdoc/>
    public override bool TryRead(string token, out ImageSize? value)
    {
        var sides = token.Split('x', '×')
            .Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var side) ? side : 0).ToList();
        value = sides.Count <= 2 && sides.All(side => side > 0) ? new(sides[0], sides[^1]) : null;
        return value is not null;
    }
}
