using System.Globalization;
using System.Text.Json.Nodes;
using System.Text;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Measuring;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Shows measurements side by side, and refuses those that do not compare.</summary>
    /// <param name="Files">Files that <c>fid --csv</c> has written.</param>
    /// <param name="Across">Fields of the protocol that may differ.</param>
    public sealed record Comparison(Sequence<string> Files, Sequence<string> Across) : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var measured = MeasuredRows.Read(Files);
            if (measured.Rows.Count < 2)
                throw new InputException(string.Join(", ", Files), $"{measured.Rows.Count} rows", "at least two, to be compared");
            measured.RefuseUnlessComparable(Across);
            session.Answer(Table(measured), new JsonObject { ["rows"] = new JsonArray([.. measured.Rows.Select(Json)]) });
            return ExitCode.Success;
        }

        private string Table(MeasuredRows measured)
        {
            string[] measures = [.. measured.Rows.SelectMany(row => row.Values.Select(value => value.Name)).Distinct()];
            string[][] cells =
            [
                [.. measures, .. Across, "samples"],
                .. measured.Rows.Select(row =>
                    (string[])[.. measures.Select(name => Text(row, name)), .. Across.Select(name => Field(row, name)), row.Samples]),
            ];
            // Cells of a file may hold anything: each row stays one line.
            cells = [.. cells.Select(row => (string[])[.. row.Select(PlainText.Name)])];
            int[] widths = [.. Enumerable.Range(0, cells[0].Length).Select(column => cells.Max(row => row[column].Length))];
            return cells.Aggregate(new StringBuilder(), (text, row) =>
                text.AppendJoin("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).Append('\n')).ToString();
        }

        private JsonObject Json(MeasuredRow row) => new()
        {
            ["samples"] = row.Samples,
            ["measures"] = new JsonObject(row.Values.Select(value => KeyValuePair.Create(value.Name, NumberText.Json(value.Value)))),
            ["across"] = new JsonObject(
                Across.Select(name => KeyValuePair.Create(name, MeasurementText.Json(row.Protocol.Single(field => field.Name == name))))),
        };

        private static string Text(MeasuredRow row, string name) => row.Values.Where(value => value.Name == name)
            .Select(value => NumberText.Short(value.Value, "0.######")).FirstOrDefault("");

        private static string Field(MeasuredRow row, string name) => row.Protocol.Single(field => field.Name == name).Value;
    }
}
