using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Diffusion.Host.Comparisons;
using Diffusion.Host.Displays;
using Diffusion.Host.Html;
using Diffusion.Math.Values;
using Diffusion.Model.Runs;

namespace Diffusion.Host.GpuChecks;

/// <summary>Everything that a check has found so far, on a page in Markdown.</summary>
/// <param name="Plan">The parts.</param>
/// <param name="Folder">Their results.</param>
internal sealed record GpuSummary(GpuPlan Plan, GpuFolder Folder)
{
    private static readonly Sequence<string> Quantities = ["pace", "step", "arithmetic", "beside the matrix product"];

    /// <summary>The page.</summary>
    public string Text
    {
        get
        {
            var text = new StringBuilder("# GPU check\n\n");
            if (Plan.IsRehearsal)
                text.Append("A rehearsal on the CPU with tiny settings: it shows that the parts work. No number of it means anything.\n\n");
            if (Machine is { Length: > 0 } machine)
                text.Append($"Machine: {machine}.\n\n");
            text.Append(Outcomes.Markdown());
            Append(text, "Functions of libtorch", Probes);
            Append(text, "Results of the GPU beside those of the CPU", Agreement);
            text.Append("\nIn the repository, `dotnet test --filter Needs=Cuda` checks more of it.\n");
            Append(text, "Training steps, by precision and layout", TrainingSteps);
            Append(text, "Training steps of PyTorch, and of this program in its fastest layout", PyTorch);
            Append(text, "Network calls in sampling", Listed("bench-sample"));
            AppendRun(text);
            Append(text, "Distances", Distances);
            Append(text, "Commands", Commands);
            return text.ToString();
        }
    }

    private string Machine => Plan.Parts.SelectMany(part => Folder.AnswersOf(part.Name))
        .Select(answer => answer["machine"]?.ToString()).FirstOrDefault(machine => machine is not null) ?? "";

    private TextTable Outcomes => new(["part", "what", "outcome", "time", "remark"], Plan.Parts.Select(part =>
        Folder.ResultOf(part) is { } result
            ? (Sequence<string>)[part.Name, part.Title, result.Outcome.ToString().ToLowerInvariant(),
                Duration.Text(TimeSpan.FromSeconds(result.Seconds)), result.Message]
            : [part.Name, part.Title, "", "", ""]).ToSequence());

    private TextTable? Probes => Rows(Folder.AnswersOf("probe").SelectMany(answer => Objects(answer["probes"]))
        .GroupBy(probe => $"{probe["device"]}").SelectMany(device => device.Where(probe => $"{probe["outcome"]}" != "ok")
            .Select(probe => (Sequence<string>)[device.Key, $"{probe["name"]}", $"{probe["outcome"]}"])
            .Append([device.Key, string.Create(CultureInfo.InvariantCulture,
                $"{device.Count(probe => $"{probe["outcome"]}" == "ok")} of {device.Count()}"), "ok"])), "device", "function", "outcome");

    private TextTable? Agreement => Rows(Folder.AnswersOf("agreement").SelectMany(answer => Objects(answer["comparisons"]))
        .Select(found => (Sequence<string>)[$"{found["name"]}", $"{found["device"]}", Number(found["difference"]),
            Number(found["tolerance"]), $"{found["outcome"]}"]),
        "result", "device", "largest difference, relative", "tolerance", "outcome");

    // Names are "paper 128 bfloat16 channels last pace".
    private IEnumerable<(string Batch, string Way, string Quantity, double Value)> Steps =>
        from part in Plan.Parts
        where part.Name.StartsWith("bench-train", StringComparison.Ordinal)
        from answer in Folder.AnswersOf(part.Name)
        from line in Objects(answer["results"])
        let name = $"{line["name"]}"
        from quantity in Quantities
        let words = name.Split(' ', 3)
        where line["value"] is JsonValue
        where name.EndsWith($" {quantity}", StringComparison.Ordinal) && words.Length == 3 && words[1].All(char.IsAsciiDigit)
            && words[2].Length > quantity.Length
        select (words[1], words[2][..^(quantity.Length + 1)], quantity, (double)line["value"]!);

    private TextTable? TrainingSteps => Rows(Steps.GroupBy(step => (step.Batch, step.Way)).Select(way => (Sequence<string>)
    [
        way.Key.Batch, way.Key.Way,
        .. Quantities.Select(quantity => way.Where(step => step.Quantity == quantity).Select(step => Html.Html.Short(Exact(step.Value)))
            .FirstOrDefault("")),
    ]), "batch", "precision, layout", "images/s", "ms per step", "GFLOP/s", "of a matrix product");

    private TextTable? PyTorch => Rows(
        from part in Plan.Parts
        where part.Program == PartProgram.Python
        from answer in Folder.AnswersOf(part.Name)
        where answer["images_per_second"] is JsonValue && answer["compiled"] is JsonValue
        let batch = $"{answer["batch"]}"
        let theirs = (double)answer["images_per_second"]!
        let ours = Steps.Where(step => step.Batch == batch && step.Quantity == "pace"
                && step.Way.StartsWith($"{answer["precision"]}", StringComparison.Ordinal))
            .Select(step => step.Value).DefaultIfEmpty(double.NaN).Max()
        select (Sequence<string>)[batch, $"{answer["precision"]}", (bool)answer["compiled"]! ? "compiled" : "eager",
            Html.Html.Short(Exact(theirs)), double.IsNaN(ours) ? "" : Html.Html.Short(Exact(ours)),
            double.IsNaN(ours) ? "" : Html.Html.Short(Exact(ours / theirs))],
        "batch", "precision", "PyTorch", "images/s in PyTorch", "images/s here", "here / PyTorch");

    // The last row, with its protocol: numbers are worth nothing without it.
    private TextTable? Distances => File.Exists(Folder["distances.csv"])
        && ReportTable.Read(Folder["distances.csv"]) is { Rows: [.., var row] } read
        ? Rows(read.Columns.Zip(row).Where(cell => cell.Second.Length > 0)
            .Select(cell => (Sequence<string>)[cell.First, Html.Html.Short(cell.Second)]), "what", "value") : null;

    private TextTable? Commands => Rows(Plan.Parts.Select(Folder.ResultOf).OfType<PartResult>()
        .Select(result => (Sequence<string>)[result.Name, $"`{result.CommandLine}`"]), "part", "command");

    private TextTable? Listed(string part) => Rows(Folder.AnswersOf(part).SelectMany(answer => Objects(answer["results"]))
        .Select(line => (Sequence<string>)[$"{line["name"]}", Number(line["value"]), $"{line["unit"]}"]), "what", "value", "unit");

    private void AppendRun(StringBuilder text)
    {
        if (!RunSummary.IsRun(Plan.Run) || RunSummary.Read(Plan.Run) is not { Report.Rows.Count: > 0 })
            return;
        var table = EvaluationTable.Of([Plan.Run]);
        text.Append($"\n## Training\n\nRun folder: `{Plan.Run}`");
        text.Append(File.Exists(Folder["report.html"]) ? "; a page about it: [report.html](report.html).\n\n" : ".\n\n");
        text.Append(table.Of(table.Usual).Markdown());
        foreach (var (file, title) in (ReadOnlySpan<(string, string)>)[
            ("curves.png", "Curves"), ("grid.png", "Samples"), ("strip.png", "Progressive generation")])
            if (File.Exists(Folder[file]))
                text.Append($"\n![{title}]({file})\n");
    }

    private static void Append(StringBuilder text, string title, TextTable? table)
    {
        if (table is not null)
            text.Append($"\n## {title}\n\n{table.Markdown()}");
    }

    private static TextTable? Rows(IEnumerable<Sequence<string>> rows, params Sequence<string> columns) =>
        rows.ToSequence() is { Count: > 0 } all ? new(columns, all) : null;

    private static IEnumerable<JsonObject> Objects(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();

    private static string Number(JsonNode? number) =>
        number is not JsonValue ? "" : (double)number is 0 ? "0" : Html.Html.Short(Exact((double)number));

    // With a point, so that it is rounded for a person.
    private static string Exact(double number) => number.ToString(number == Floor(number) ? "0.0" : "R", CultureInfo.InvariantCulture);
}
