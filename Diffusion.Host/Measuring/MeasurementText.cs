using System.Globalization;
using System.Text.Json.Nodes;
using System.Text;
using Diffusion.Math.Values;
using Diffusion.Model.Evaluation;
using Diffusion.Model.Files;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Measuring;

/// <summary>A measurement as text, as JSON and as a row of a CSV file.</summary>
public static class MeasurementText
{
    private const string Note = "note";

    /// <summary>Columns that say what was measured, beside the numbers and the protocol.</summary>
    private static readonly Sequence<string> Subjects = ["reference", "samples", "samples_sha256"];

    /// <summary>A table for a person.</summary>
    public static string Table(ComparedPlaces compared)
    {
        var measurement = compared.Measurement;
        var text = new StringBuilder();
        foreach (var value in measurement.Values)
            Row(text, value.Name, NumberText.Short(value.Value, "0.######"));
        foreach (var note in measurement.Notes)
            Row(text, Note, $"{note.Text}: {note.Consequence}");
        foreach (var (name, value) in measurement.Facts.Where(fact => fact is { Name: FrechetMetric.Clamped, Value: > 0 }))
            Row(text, name, value!.Value.ToString("0.##e+0", CultureInfo.InvariantCulture));
        Row(text, "reference", compared.Reference);
        Row(text, "samples", compared.Samples);
        foreach (var (name, value) in From(measurement).Where(fact => fact.Value.Length > 0))
            Row(text, name, value);
        foreach (var field in measurement.Protocol.Fields.Where(field => field.Value.Length > 0))
            Row(text, field.Name, field.Value);
        return text.ToString();
    }

    /// <summary>An object for a script.</summary>
    public static JsonObject Json(ComparedPlaces compared)
    {
        var measurement = compared.Measurement;
        var json = new JsonObject
        {
            ["measures"] = new JsonObject(measurement.Values.Select(value =>
                KeyValuePair.Create(value.Name, NumberText.Json(value.Value)))),
            ["small"] = measurement.IsSmall,
        };
        foreach (var (name, value) in measurement.Facts)
            json[name] = value;
        json["reference"] = compared.Reference;
        json["samples"] = compared.Samples;
        json["samples_sha256"] = compared.SamplesSha256;
        json["drawn"] = measurement.Protocol.Drawn?.From is null ? null
            : new JsonObject(From(measurement).Select(fact =>
                KeyValuePair.Create(fact.Name, fact.Name is "step" or "seed" ? NumberText.Whole(fact.Value) : fact.Value)));
        json["protocol"] = new JsonObject(measurement.Protocol.Fields.Select(field => KeyValuePair.Create(field.Name, Json(field))));
        return json;
    }

    /// <summary>A field of a protocol for a script: what counts something is a number, or null where that is unknown.</summary>
    internal static JsonNode? Json(ProtocolField field) => field.IsCount ? NumberText.Whole(field.Value) : field.Value;

    /// <summary>Refuses a CSV file that a row cannot be added to, before the work and not after it.</summary>
    /// <exception cref="IOException">It cannot be read or its folder is not there.</exception>
    public static void RefuseUnlessWritable(string path)
    {
        if (Directory.Exists(path))
            throw new InputException(path, "a folder", "a file that gets a row");
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
            throw new InputException(path, "no folder to write it into", "a file in a folder that is there");
        if (File.Exists(path))
            ReportTable.Read(path);
    }

    /// <summary>Adds a row to a CSV file, which is made where there is none. Columns that it lacks are added to it.</summary>
    /// <exception cref="OutputException">It cannot be written; what was there before still is.</exception>
    public static void Append(string path, ComparedPlaces compared) => Cells(compared).AppendTo(path);

    private static ReportTable Cells(ComparedPlaces compared)
    {
        var measurement = compared.Measurement;
        return new(
            [
                .. measurement.Values.Select(value => value.Name), Note,
                .. measurement.Protocol.Fields.Select(field => field.Name), .. Subjects, .. MeasuredRows.OriginColumns,
            ],
            [[
                .. measurement.Values.Select(value => NumberText.Exact(value.Value)),
                string.Join("; ", measurement.Notes.Select(note => note.Text)),
                .. measurement.Protocol.Fields.Select(field => field.Value),
                compared.Reference, compared.Samples, compared.SamplesSha256, .. From(measurement).Select(fact => fact.Value),
            ]]);
    }

    private static IEnumerable<(string Name, string Value)> From(Measurement measurement)
    {
        var from = measurement.Protocol.Drawn?.From;
        string Text(IFormattable? number) => number?.ToString(null, CultureInfo.InvariantCulture) ?? "";
        return MeasuredRows.OriginColumns.Zip([from?.Recipe ?? "", Text(from?.Step), from?.Sampler ?? "", Text(from?.Seed)]);
    }

    private static void Row(StringBuilder text, string name, string value) =>
        text.Append(name.PadRight(22)).Append(PlainText.Name(value)).Append('\n');
}
