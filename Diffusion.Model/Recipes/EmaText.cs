using System.Text.RegularExpressions;
using Diffusion.Math.Training;

namespace Diffusion.Model.Recipes;

/// <summary>What an EMA is called in tables and captions, in the words of a recipe: <c>ramp 0.998</c>.</summary>
public static partial class EmaText
{
    /// <summary>The words.</summary>
    public static string Of(EmaDecay decay) => Present($"{decay}");

    /// <summary>A text with such words where an earlier version wrote <c>Ramp { Ceiling = 0.998 }</c>.</summary>
    public static string Present(string text) => Former().Replace(text, match => Spaced(match.Groups[1].Value)
        + string.Concat(match.Groups[2].Value.Split(", ").Select(setting => setting.Split(" = ")).Select(Setting)));

    // The decay needs no name, and gamma is the width once more.
    private static string Setting(string[] setting) => setting is not [var name, var value] || name == nameof(EmaDecay.PowerFunction.Gamma)
        ? ""
        : name is nameof(EmaDecay.Constant.Decay) or nameof(EmaDecay.Ramp.Ceiling) ? $" {value}"
        : $", {Spaced(name)} {value}";

    private static string Spaced(string name) => Capital().Replace(name, " $1").TrimStart().ToLowerInvariant();

    [GeneratedRegex(@"\b(Constant|Steady|Ramp|InverseGamma|PowerFunction|HalfLife) \{ ([^{}]*) \}")]
    private static partial Regex Former();

    [GeneratedRegex("([A-Z])")]
    private static partial Regex Capital();
}
