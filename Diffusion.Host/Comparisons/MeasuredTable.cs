using System.Text.Json.Nodes;
using Diffusion.Host.Measuring;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Comparisons;

/// <summary>Rows of measurements beside each other, where their protocols allow it.</summary>
public static class MeasuredTable
{
    private const string FileColumn = "file";
    private const string SamplesColumn = "samples";
    private const string Number = "n";

    // What a sweep varies and a person reads: no hash, and guidance has columns of its own.
    private static readonly Sequence<string> ProtocolColumns = ["nfe", "ema"];

    /// <summary>The table.</summary>
    /// <param name="files">Files that <c>fid --csv</c> or a sweep has written.</param>
    /// <param name="across">Fields of the protocol that may differ.</param>
    /// <exception cref="InputException">A file is none of them, or the rows do not compare.</exception>
    public static ComparedTable Of(Sequence<string> files, Sequence<string> across)
    {
        var measured = MeasuredRows.Read(files);
        var isSwept = measured.Rows.All(row => row.Variation.Count > 0);
        if (measured.Rows.Count < (isSwept ? 1 : 2))
            throw new InputException(string.Join(", ", files), Counted.Of(measured.Rows.Count, "row"), "at least two, to be compared");
        measured.RefuseUnlessComparable(across);
        var measures = measured.Rows.SelectMany(row => row.Values.Select(value => value.Name)).Distinct().ToSequence();
        var varied = MeasuredRows.SweepColumns.Where(name => measured.Rows.Any(row => Cell(row, name).Length > 0)).ToSequence();
        Sequence<string> all = [FileColumn, .. varied, .. measures, .. MeasuredRows.FieldNames, SamplesColumn];
        Sequence<string> usual =
        [
            .. files.Count > 1 ? [FileColumn] : Array.Empty<string>(),
            .. varied.Where(name => name != "s" || measured.Rows.Any(row => Cell(row, "w").Length == 0 && Cell(row, "s").Length > 0)),
            .. ProtocolColumns.Where(name => isSwept && Varies(measured, name) && !across.Contains(name)),
            .. measures.Where(name => !ComparedTable.IsOfClass(name, measures)),
            .. across,
            .. isSwept ? Array.Empty<string>() : [SamplesColumn],
        ];
        var rows = measured.Rows.Select(row => all.Select(name => Cell(row, name)).ToSequence()).ToSequence();
        return new(new(all, rows), usual)
        {
            Remark = Varies(measured, Number) || Cell(measured.Rows[0], Number).Length == 0 ? ""
                : $"In all rows: n {Cell(measured.Rows[0], Number)}.",
            Json = new() { ["rows"] = new JsonArray([.. measured.Rows.Select(row => Json(row, across))]) },
        };
    }

    private static bool Varies(MeasuredRows measured, string name) => measured.Rows.Select(row => Cell(row, name)).Distinct().Count() > 1;

    private static string Cell(MeasuredRow row, string name) => name switch
    {
        FileColumn => row.File,
        SamplesColumn => row.Samples,
        _ => row.Variation.Concat(row.Variation.Count == 1 ? row.Guidance : []).Concat(row.Protocol)
            .Where(field => field.Name == name).Select(field => field.Value)
            .Concat(row.Values.Where(value => value.Name == name).Select(value => NumberText.Exact(value.Value)))
            .FirstOrDefault(""),
    };

    private static JsonObject Json(MeasuredRow row, Sequence<string> across)
    {
        var json = new JsonObject { ["samples"] = row.Samples };
        foreach (var field in row.Variation.Concat(row.Variation.Count == 1 ? row.Guidance : []))
            json[field.Name] = field.Name == MeasuredRows.SweepColumns[0] ? field.Value : ComparedTable.JsonOf(field.Value);
        json["n"] = ComparedTable.JsonOf(Cell(row, Number));
        json["measures"] = new JsonObject(row.Values.Select(value => KeyValuePair.Create(value.Name, NumberText.Json(value.Value))));
        json["across"] = new JsonObject(
            across.Select(name => KeyValuePair.Create(name, MeasurementText.Json(row.Protocol.Single(field => field.Name == name)))));
        return json;
    }
}
