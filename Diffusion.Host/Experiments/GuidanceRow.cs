using System.Globalization;
using System.Text.Json.Nodes;
using Diffusion.Math.Values;
using Diffusion.Model.Evaluation;

namespace Diffusion.Host.Experiments;

/// <summary>What was measured at one strength of guidance: a row of a table.</summary>
/// <param name="Method">What guided; for real pictures, what they are.</param>
/// <param name="Strength">How strongly; null for real pictures.</param>
/// <param name="Count">How many pictures.</param>
/// <param name="Sampler">How they were drawn; empty for real pictures.</param>
/// <param name="Found">The numbers.</param>
public sealed record GuidanceRow(string Method, double? Strength, int Count, string Sampler, LabelledMeasurement Found)
{
    /// <summary>What the numbers depend on besides.</summary>
    public string Provenance { get; init; } = "";

    /// <summary>The columns of a table of such rows.</summary>
    /// <param name="distance">What the distance is called, such as <c>fd_lenet</c>.</param>
    /// <param name="classes">How many classes there are.</param>
    public static Sequence<string> Columns(string distance, int classes) =>
    [
        "method", "strength", "samples", "sampler", distance, "accuracy", "diversity",
        .. Enumerable.Range(0, classes).SelectMany(label => new[] { $"{distance}_{label}", $"accuracy_{label}", $"diversity_{label}" }),
        "provenance",
    ];

    /// <summary>The cells under the columns.</summary>
    public Sequence<string> Cells =>
    [
        Method, Strength is { } strength ? Text(strength) : "", Text(Count), Sampler, Text(Found.Distance), Text(Found.Accuracy), Text(Found.Diversity),
        .. Found.Classes.SelectMany(part => new[] { Text(part.Distance), Text(part.Accuracy), Text(part.Diversity) }),
        Provenance,
    ];

    /// <summary>For a person.</summary>
    public string Line(string distance) => string.Create(CultureInfo.InvariantCulture,
        $"{Method}{(Strength is { } strength ? $", s = {strength}" : "")}: {100 * Found.Accuracy:0.0} % recognised, {distance} {Found.Distance:0.00}, diversity {Found.Diversity:0.00} ({Count} pictures)");

    /// <summary>For a script.</summary>
    public JsonObject Json(string distance) => new()
    {
        ["method"] = Method,
        ["scale"] = Strength,
        ["samples"] = Count,
        ["accuracy"] = Found.Accuracy,
        [distance] = Found.Distance,
        ["diversity"] = Found.Diversity,
    };

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
