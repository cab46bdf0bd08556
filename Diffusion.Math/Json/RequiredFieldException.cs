using System.Text.Json;

namespace Diffusion.Math.Json;

/// <summary>A field that has to be said is not there.</summary>
/// <param name="place">The object that lacks it, such as <c>$.evaluation.spacing</c>.</param>
/// <param name="field">The field's name.</param>
/// <param name="expected">What it holds, in a few words.</param>
/// <param name="example">What might be written there.</param>
public sealed class RequiredFieldException(string place, string field, string expected, string example)
    : JsonException($"{place} lacks the field \"{field}\", {expected}.")
{
    /// <summary>The object that lacks it, such as <c>$.evaluation.spacing</c>.</summary>
    public string Place { get; } = place;

    /// <summary>The field's name.</summary>
    public string Field { get; } = field;

    /// <summary>What might be written there.</summary>
    public string Example { get; } = example;
}
