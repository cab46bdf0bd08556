using Diffusion.Math.Values;
using Diffusion.Model.Evaluation;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Specs.Data;

namespace Diffusion.Specs.Host;

public sealed class CsvReportSpecs : IDisposable
{
    private readonly TemporaryFolder _place = new();

    public void Dispose() => _place.Dispose();

    private string Place => _place["report.csv"];

    // An epoch is 100 updates.
    private static EvaluationSchedule Schedule => new(new() { Steps = 600, Batch = 64 }, 6400);

    private static ReportRow Row(int epoch, params MetricValue[] distances) => new(
        epoch,
        new(Updates: 100 * epoch, Images: 6400 * epoch, Loss: 0.1 / epoch, GradientNorm: 1.5, Rate: 2e-4, Skipped: 0, SkippedInARow: 0),
        new(TimeSpan.FromSeconds(20.5 * epoch), 312.25),
        new SampleReport(256, "ddim 50", 50, distances.ToSequence()),
        "mnist, \"all\" of it");

    private void Write(int epochs)
    {
        using var report = CsvReport.Create(Place, ["fd_lenet"]);
        for (var epoch = 1; epoch <= epochs; epoch++)
            report.Append(Row(epoch, new MetricValue("fd_lenet", 10.0 / epoch)));
    }

    private int[] Epochs() =>
        [.. ReportTable.Read(Place).Rows.Select(row => int.Parse(row[0], System.Globalization.CultureInfo.InvariantCulture))];

    [Fact]
    public void A_report_is_a_table_with_a_row_per_evaluation()
    {
        Write(3);
        Golden.Project.Csv(File.ReadAllText(Place), "CsvReport.ThreeEpochs");
    }

    [Fact]
    public void A_report_can_be_read_while_it_is_being_written()
    {
        using var report = CsvReport.Create(Place, ["fd_lenet"]);
        Assert.Empty(ReportTable.Read(Place).Rows);
        report.Append(Row(1));
        Assert.Equal([1], Epochs());
        report.Append(Row(2));
        Assert.Equal([1, 2], Epochs());
    }

    [Fact]
    public void A_distance_that_was_not_measured_is_empty()
    {
        using (var report = CsvReport.Create(Place, ["fd_lenet", "fid"]))
            report.Append(Row(1, new MetricValue("fid", 3.17)));
        var table = ReportTable.Read(Place).Under(["fd_lenet", "fid"]);
        Assert.Equal(["", "3.17"], table.Rows[0]);
    }

    [Fact]
    public void Numbers_read_back_as_they_were()
    {
        using (var report = CsvReport.Create(Place, ["fid"]))
            report.Append(Row(3, new MetricValue("fid", PI)));
        var row = ReportTable.Read(Place).Under(["loss", "fid", "provenance"]).Rows[0];
        var numbers = row.Take(2).Select(cell => double.Parse(cell, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal([0.1 / 3, PI], numbers);
        Assert.Equal("mnist, \"all\" of it", row[2]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public void After_a_resume_every_evaluation_comes_once(int done)
    {
        Write(5);
        using (var report = CsvReport.Continue(Place, ["fd_lenet"], (100 * done, Schedule)))
        {
            Assert.Equal(done, report.Rows);
            for (var epoch = done + 1; epoch <= 6; epoch++)
                report.Append(Row(epoch));
        }
        Assert.Equal([1, 2, 3, 4, 5, 6], Epochs());
    }

    [Fact]
    public void Resuming_changes_nothing_in_rows_that_stay()
    {
        Write(4);
        var before = File.ReadAllText(Place);
        CsvReport.Continue(Place, ["fd_lenet"], (400, Schedule)).Dispose();
        Assert.Equal(before, File.ReadAllText(Place));
    }

    [Theory]
    [InlineData("5,50")]
    [InlineData("5,500,32000,102.5,312.25,0.02,1.5,0.0002,0,256,ddim 50,50,2")]
    [InlineData("5,500,32000,102.5,312.25,0.02,1.5,0.0002,0,256,ddim 50,50,2,\"mni")]
    public void A_row_that_was_cut_off_is_no_row(string torn)
    {
        Write(4);
        File.AppendAllText(Place, torn);
        Assert.Equal([1, 2, 3, 4], Epochs());
        using (var report = CsvReport.Continue(Place, ["fd_lenet"], (400, Schedule)))
            report.Append(Row(5));
        Assert.Equal([1, 2, 3, 4, 5], Epochs());
    }

    [Fact]
    public void A_resumed_run_may_measure_more_and_keeps_what_was_measured()
    {
        Write(1);
        using (var report = CsvReport.Continue(Place, ["fid"], (100, Schedule)))
            report.Append(Row(2, new MetricValue("fid", 3)));
        var table = ReportTable.Read(Place).Under(["epoch", "fd_lenet", "fid"]);
        Assert.Equal([["1", "10", ""], ["2", "", "3"]], table.Rows);
    }

    [Fact]
    public void The_epochs_of_a_report_that_counted_evaluations_become_passes()
    {
        Write(4);
        var half = new EvaluationSchedule(Schedule.Length, 12_800);
        CsvReport.Continue(Place, ["fd_lenet"], (300, half)).Dispose();
        Assert.Equal([["0.5", "100"], ["1", "200"], ["1.5", "300"]], ReportTable.Read(Place).Under(["epoch", "step"]).Rows);
    }

    [Fact]
    public void Missing_rows_are_counted_for_whoever_resumes()
    {
        Write(2);
        using var report = CsvReport.Continue(Place, ["fd_lenet"], (400, Schedule));
        Assert.Equal(2, report.Rows);
    }

    [Fact]
    public void A_missing_report_begins_anew()
    {
        using var report = CsvReport.Continue(Place, ["fd_lenet"], (400, Schedule));
        Assert.Equal(0, report.Rows);
        Assert.Equal("epoch", ReportTable.Read(Place).Columns[0]);
    }

    [Fact]
    public void A_report_that_cannot_be_made_is_named()
    {
        var path = Path.Combine(_place.Path, "no", "report.csv");
        Assert.StartsWith($"{path} cannot be written: ", Assert.Throws<OutputException>(() => CsvReport.Create(path, [])).Message,
            StringComparison.Ordinal);
    }

    [Property]
    public void Any_cells_read_back_as_they_were(NonNull<string>[] cells)
    {
        // A carriage return is written as it is, quoted; NUL is a character like any other.
        Sequence<string> row = ["first", .. cells.Select(cell => cell.Get)];
        File.WriteAllText(Place, ReportTable.Line(row));
        Assert.Equal(row, ReportTable.Read(Place).Columns);
    }
}
