using System.Text.Json.Nodes;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;

namespace Diffusion.Host.Displays;

/// <summary>A part of a pack, for a person and for a script.</summary>
internal static class PackFacts
{
    /// <summary>One line for a person.</summary>
    public static string Text(Provenance part)
    {
        var said = part.Description;
        return string.Join("; ", new[]
        {
            $"{Counted.Grouped(part.Count, "image")} of {part.Shape}{(said.Fitted == "" ? "" : $", {said.Fitted}")}",
            said.LabelSource != "" ? said.LabelSource : Counted.Grouped(said.ClassNames.Count, "class", "classes"), said.LeftOut,
        }.Where(text => text != ""));
    }

    /// <summary>An object for a script.</summary>
    public static JsonNode Json(Provenance part) => new JsonObject
    {
        ["name"] = part.Description.Split.ToString().ToLowerInvariant(),
        ["images"] = part.Count,
        ["shape"] = new JsonArray(part.Shape.Channels, part.Shape.Height, part.Shape.Width),
        ["classes"] = new JsonArray([.. part.Description.ClassNames.Select(name => (JsonNode?)name)]),
        ["origin"] = part.Description.Origin,
        ["sha256"] = part.Sha256,
    };
}
