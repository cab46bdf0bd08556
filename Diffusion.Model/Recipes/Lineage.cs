using System.Globalization;
using Diffusion.Math.Training;
using Diffusion.Math.Values;

namespace Diffusion.Model.Recipes;

/// <summary>Where the first weights of a run come from, where they are not drawn by its seed.</summary>
/// <param name="Run">The run folder, the checkpoint, or the model that comes with the program, as it was named.</param>
/// <param name="Sha256">Hash of the file of the weights, 64 hexadecimal digits: no others will do.</param>
/// <param name="Recipe">Name of the recipe that they were trained by.</param>
/// <param name="Steps">Updates that made them; 0 where nobody knows.</param>
/// <param name="Images">
/// Images they were trained on, with repetition, in that run and in those that it came from; 0 where nobody knows.
/// </param>
/// <param name="Ema">The EMA of the weights that was taken; null for imported weights, which are what the import held.</param>
public sealed record Lineage(string Run, string Sha256, string Recipe, long Steps, long Images, EmaDecay? Ema = null)
{
    private const int ShortHash = 12;

    /// <summary>Updates that made them; at least 0.</summary>
    public long Steps { get; init => field = Require.AtLeast(value, 0, nameof(Steps)); } = Require.AtLeast(Steps, 0);

    /// <summary>Images they were trained on; at least 0.</summary>
    public long Images { get; init => field = Require.AtLeast(value, 0, nameof(Images)); } = Require.AtLeast(Images, 0);

    /// <summary>The lineage in one line.</summary>
    public string Text => string.Join(", ",
    [
        Run, $"recipe {Recipe}",
        Ema is { } ema
            ? string.Create(CultureInfo.InvariantCulture, $"step {Steps:N0}, {Images:N0} images, EMA {EmaText.Of(ema)}")
            : "imported weights",
        $"sha256 {(Sha256.Length > ShortHash ? Sha256[..ShortHash] : Sha256)}",
    ]);

    /// <inheritdoc/>
    public override string ToString() => Text;
}
