using Diffusion.Model.Images;

namespace Diffusion.Host.CommandLine;

/// <summary>A colour: a name, or its red, green and blue.</summary>
internal sealed class ColourWord : TokenKind<PixelColour?>
{
    /// <inheritdoc/>
    public override string Expected => PixelColour.Expected;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Offered => ["white", "black"];

    /// <inheritdoc/>
    public override bool TryRead(string token, out PixelColour? value)
    {
        value = PixelColour.TryParse(token, out var colour) ? colour : null;
        return value is not null;
    }
}
