using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;

namespace Diffusion.Host.Sweeps;

/// <summary>What a sweep has found.</summary>
/// <param name="Folder">Where it is left.</param>
/// <param name="Files">The files there.</param>
/// <param name="Real">The numbers of real images that were held out; null where there are none.</param>
/// <param name="Rows">What was asked for, in that order.</param>
public sealed record SweepFindings(string Folder, Sequence<string> Files, SweptRow? Real, Sequence<SweptRow> Rows)
{
    /// <summary>Tells it.</summary>
    public void Answer(Session session)
    {
        Sequence<SweptRow> rows = Real is null ? Rows : [Real, .. Rows];
        session.Answer(
            string.Join('\n', rows.Select(row => row.Line).Append($"{Folder}: {string.Join(", ", Files)}")),
            new JsonObject
            {
                ["folder"] = Folder,
                ["files"] = new JsonArray([.. Files.Select(file => (JsonNode?)file)]),
                ["rows"] = new JsonArray([.. rows.Select(row => row.Json)]),
            });
    }
}
