using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Displays;
using Diffusion.Math.Values;
using Diffusion.Model.Runs;
using Diffusion.Specs.Data;

namespace Diffusion.Specs.Experiments;

public sealed class ComparisonSpecs : IDisposable
{
    private readonly TemporaryFolder _place = new();

    private static string Results(string name) => Path.Combine(Repository.Root, "docs", "results", name);

    public void Dispose() => _place.Dispose();

    [Fact]
    public void A_run_has_a_row_per_evaluation_and_what_is_the_same_in_all_of_them_is_said_once()
    {
        var lines = Lines(["compare", Results("mnist")], 100);
        Assert.Matches("^epoch +step +loss +fd_lenet +images_per_second +seconds", lines[0]);
        var report = ReportTable.Read(Path.Combine(Results("mnist"), "report.csv"));
        Assert.Equal(report.Rows.Count, lines.TakeWhile(line => line.Length > 0).Count() - 1);
        Assert.StartsWith("In all rows: skipped_steps 0, sampler ancestral 50, nfe 50.", lines[^1], StringComparison.Ordinal);
        Assert.Equal(lines, Lines(["compare", Path.Combine(Results("mnist"), "report.csv")], 100));
    }

    [Fact]
    public void Several_runs_have_a_row_each_and_the_settings_that_differ()
    {
        var (mnist, guided) = (Results("mnist"), Results("mnist-cfg"));
        var lines = Lines(["compare", mnist, guided], null);
        Assert.Matches("^run +step +epoch +loss +fd_lenet", lines[0]);
        Assert.StartsWith(mnist, lines[1], StringComparison.Ordinal);
        Assert.Contains("Settings that differ:", lines);
        Assert.Contains(lines, line => line.StartsWith("length.steps ", StringComparison.Ordinal));
        const string Unlike = "not measured alike (guidance, ";
        Assert.StartsWith($"warning: {Unlike}", Call(["compare", mnist, guided], null).Error, StringComparison.Ordinal);
        Assert.DoesNotContain(lines, line => line.StartsWith(Unlike, StringComparison.Ordinal));
        // A document is read without what was said beside it.
        Assert.Contains(
            Lines(["compare", mnist, guided, "--markdown"], null), line => line.StartsWith(Unlike, StringComparison.Ordinal));
        Assert.Empty(Call(["compare", mnist, mnist], null).Error);
        var json = Json("compare", mnist, guided);
        Assert.Equal([mnist, guided], json["runs"]!.AsArray().Select(run => (string)run!["run"]!));
        Assert.True((double)json["runs"]![0]!["loss"]! > 0);
        Assert.Equal("guidance", (string)json["measured_differently"]![0]!);
        Assert.Contains(json["differences"]!.AsArray(), each => (string)each!["setting"]! == "length.steps");
    }

    [Fact]
    public void The_table_of_a_sweep_is_compared_by_itself_and_shows_w()
    {
        var table = Path.Combine(Results("mnist-cfg"), "guidance.csv");
        var lines = Lines(["compare", table], 80);
        Assert.Matches("^method +w +fd_lenet +precision_lenet", lines[0]);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 80));
        Assert.Matches("No room for .*: --columns NAMES chooses", string.Join(' ', lines.Select(line => line.Trim())));
        Assert.Equal(-1, (double)Json("compare", table)["rows"]![0]!["w"]!);
        Assert.Matches("^method +s +ema +fd_lenet|^method +w +s +ema",
            Lines(["compare", Path.Combine(Results("mnist-classifier-guided"), "guidance.csv")], null)[0]);
        Assert.Matches("^method +nfe +fd_lenet", Lines(["compare", Directory.GetFiles(Results("samplers"), "*.csv")[0]], 100)[0]);
    }

    [Fact]
    public void Tables_of_different_sweeps_compare_only_across_what_they_differ_in()
    {
        var guidance = Path.Combine(Results("mnist-cfg"), "guidance.csv");
        var table = MeasuredRows.Upgraded(ReportTable.Read(guidance));
        int Column(string name) => table.Columns.ToList().IndexOf(name);
        Sequence<string> Cells(Sequence<string> row, params (string Name, string Cell)[] other) =>
            row.Select((cell, index) => other.Where(one => Column(one.Name) == index).Select(one => one.Cell).FirstOrDefault(cell))
                .ToSequence();
        var drawn = table.Rows.First(row => row[Column("guidance")] == "w = 3 (s = 4)");
        void Write(string file, params Sequence<string>[] rows) =>
            File.WriteAllText(_place[file], new ReportTable(table.Columns, [.. rows]).ToString());
        var ofSampler = Cells(drawn, ("method", "ddim"), ("w", ""), ("s", ""), ("nfe", "20"), ("plan_sha256", "other"));
        Write("samplers.csv", ofSampler, Cells(ofSampler, ("nfe", "40"), ("plan_sha256", "third")));
        Assert.Matches("^method +w +nfe", Lines(["compare", _place["samplers.csv"]], null)[0]);
        Assert.All(Json("compare", _place["samplers.csv"])["rows"]!.AsArray(), row => Assert.Equal(3, (double)row!["w"]!));
        Assert.Matches(@"rows that differ in .*guidance.*; --across .*plan_sha256",
            Call(["compare", guidance, _place["samplers.csv"]], null).Error);
        Assert.Equal(ExitCode.Success,
            Call(["compare", guidance, _place["samplers.csv"], "--across", "nfe,plan_sha256,guidance"], null).Code);
        // The same sweep by another sampler, without a method of its own; and samplers at another w.
        Write("other.csv", Cells(drawn, ("plan_sha256", "other")));
        Assert.Contains("rows that differ in plan_sha256 (", Call(["compare", guidance, _place["other.csv"]], null).Error,
            StringComparison.Ordinal);
        Write("other.csv", Cells(ofSampler, ("guidance", "w = 1 (s = 2)")));
        Assert.Contains("rows that differ in guidance (", Call(["compare", _place["samplers.csv"], _place["other.csv"]], null).Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_are_chosen_by_name_and_numbers_of_single_classes_are_among_them()
    {
        var table = Path.Combine(Results("mnist-cfg"), "guidance.csv");
        Assert.Matches("^accuracy_7 +w +s$", Lines(["compare", table, "--columns", "accuracy_7,w,s"], 80)[0]);
        Assert.Contains("fd_lenet_9", Lines(["compare", table, "--all"], null)[0], StringComparison.Ordinal);
        Assert.Contains("provenance", Lines(["compare", Results("mnist"), "--all"], null)[0], StringComparison.Ordinal);
        var (code, _, error) = Call(["compare", table, "--columns", "accuracy_7,colour"], null);
        Assert.Equal(ExitCode.Failure, code);
        Assert.StartsWith(
            "error: --columns: found colour; expected names among file, method, w, s, fd_lenet", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_for_a_document_is_Markdown_and_whole()
    {
        var lines = Lines(["compare", Path.Combine(Results("mnist-cfg"), "guidance.csv"), "--markdown"], 40);
        Assert.StartsWith("| method | w | fd_lenet |", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("| --- | --: | --: |", lines[1], StringComparison.Ordinal);
        Assert.Matches("^In all rows: n [0-9]+[.]$", lines[^1]);
        Assert.All(lines.Where(line => line.StartsWith('|')), line =>
            Assert.Equal(lines[0].Count(letter => letter == '|'), line.Count(letter => letter == '|')));
        Assert.Equal("| a\\|b |\n| --- |\n| 1 |\n| \\*x |\n", new TextTable(["a|b"], [["1"], ["*x"]]).Markdown());
    }

    [Theory]
    [InlineData(null, "name   loss  note\na     0.123  first\nbb        –  second\n")]
    [InlineData(13, "name   loss\na     0.123\nbb        –\n\nNo room for note: a wider terminal shows them.\n")]
    [InlineData(3, "name\na\nbb\n\nNo room for loss, note: a wider terminal shows them.\n")]
    public void A_table_leaves_out_the_last_columns_where_it_has_no_room(int? width, string text) =>
        Assert.Equal(text, new TextTable(["name", "loss", "note"], [["a", "0.123", "first"], ["bb", "–", "second"]]).Text(width));

    [Fact]
    public void What_cannot_be_compared_is_said_in_a_line()
    {
        File.WriteAllText(_place["other.csv"], "epoch,loss\n1,2\n");
        File.WriteAllText(_place["report.csv"], "epoch,step,loss\n");
        var table = Path.Combine(Results("mnist-cfg"), "guidance.csv");
        Assert.Contains("found no column n;", Call(["compare", _place["other.csv"]], null).Error, StringComparison.Ordinal);
        Assert.Contains("report.csv: found no rows", Call(["compare", _place["report.csv"]], null).Error, StringComparison.Ordinal);
        Assert.Contains("guidance.csv: found no run, beside runs; expected runs only",
            Call(["compare", Results("mnist"), table], null).Error, StringComparison.Ordinal);
        Assert.Contains("--across: found", Call(["compare", Results("mnist"), "--across", "n"], null).Error, StringComparison.Ordinal);
        Assert.Contains(
            "--all: cannot be combined", Call(["compare", table, "--all", "--columns", "w"], null).Error, StringComparison.Ordinal);
    }

    private static string[] Lines(string[] words, int? window)
    {
        var (code, answer, error) = Call(words, window);
        Assert.True(code == ExitCode.Success, error);
        return answer.TrimEnd('\n').Split('\n');
    }

    private static JsonObject Json(params string[] words) => JsonNode.Parse(Call([.. words, "--json"], null).Answer)!.AsObject();

    private static (ExitCode Code, string Answer, string Error) Call(string[] words, int? window)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var code = CommandLineApp.Run(words, new(output, error, Display.Plain) { Window = () => window }, CancellationToken.None);
        return (code, output.ToString(), error.ToString());
    }
}
