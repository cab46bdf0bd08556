using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Displays;
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
            $"{Table(rows).Text(session.Terminal.Window())}\n{Folder}: {string.Join(", ", Files)}",
            new JsonObject
            {
                ["folder"] = Folder,
                ["files"] = new JsonArray([.. Files.Select(file => (JsonNode?)file)]),
                ["rows"] = new JsonArray([.. rows.Select(row => row.Json)]),
            });
    }

    // The numbers of single classes are left to the file.
    private TextTable Table(Sequence<SweptRow> rows)
    {
        bool Has(Func<SweptRow, object?> part) => rows.Any(row => part(row) is not null);
        string Text(double? number) => number is { } value ? NumberText.Short(value, "0.####") : "";
        (string Name, Func<SweptRow, string> Cell)[] columns =
        [
            ("", row => row.Method),
            .. Has(row => row.Guidance?.W) ? [("w", row => Text(row.Guidance?.W))] : Array.Empty<(string, Func<SweptRow, string>)>(),
            .. rows.Any(row => row.Guidance is { W: null })
                ? [("s", row => Text(row.Guidance?.Scale))] : Array.Empty<(string, Func<SweptRow, string>)>(),
            ("NFE", row => $"{row.NetworkCalls}"),
            .. rows.SelectMany(row => row.Values).Select(value => value.Name).Distinct().Where(name => !char.IsAsciiDigit(name[^1]))
                .Select(name => (name, (Func<SweptRow, string>)(row => double.IsNaN(row[name]) ? "" : Text(row[name])))),
        ];
        return new(columns.Select(column => column.Name).ToSequence(),
            rows.Select(row => columns.Select(column => column.Cell(row)).ToSequence()).ToSequence())
        {
            Remedy = $"the command compare shows them, from {Path.Combine(Folder, Files[0])}",
        };
    }
}
