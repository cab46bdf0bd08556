using Diffusion.Model.Runs;


namespace Diffusion.Specs.Host;

/// <summary>A report that was damaged or removed comes back from the checkpoint.</summary>
public sealed class RestoredReportSpecs : IDisposable
{
    private readonly SmallRun _run = SmallRun.Complete();

    public void Dispose() => _run.Dispose();

    private string Place => _run.Place["run/report.csv"];

    [Theory]
    [InlineData("stray quote")]
    [InlineData("not a number")]
    [InlineData("a number of another size")]
    [InlineData("nothing in it")]
    [InlineData("no table")]
    [InlineData("a row less")]
    [InlineData("another number")]
    public void A_damaged_report_is_restored_and_kept_aside(string damage)
    {
        var (whole, rows) = (File.ReadAllText(Place), _run.Report.Rows);
        File.WriteAllText(Place, damage switch
        {
            "stray quote" => whole.Replace("\n4,4,", "\n4,\"x\"y,4,", StringComparison.Ordinal),
            "not a number" => whole.Replace($"\n6,6,18,{rows[2][3]}", "\n6,6,18,NaN", StringComparison.Ordinal),
            "a number of another size" => whole.Replace($"\n6,6,18,{rows[2][3]}", "\n6,6,18,1e300", StringComparison.Ordinal),
            "nothing in it" => "",
            "no table" => "\0\0\0\n\0\0\n",
            "a row less" => string.Join('\n', whole.Split('\n').Where(line => !line.StartsWith("4,", StringComparison.Ordinal))),
            _ => whole.Replace("\n2,2,6,", "\n2,2,7,", StringComparison.Ordinal),
        });
        Assert.NotEqual(whole, File.ReadAllText(Place));
        var said = _run.GoOn("--steps", "8");
        Assert.Contains("restored from the checkpoint; what was there is in ", said, StringComparison.Ordinal);
        Assert.Equal(rows, _run.Report.Rows.Take(3));
        Assert.Equal(["2", "4", "6", "8"], _run.Column("epoch"));
        Assert.True(File.Exists(_run.Place["run/report.damaged.csv"]));
        Assert.True(Seconds(3) > Seconds(2));
    }

    [Fact]
    public void A_removed_report_is_restored_with_the_time_that_training_took()
    {
        var rows = _run.Report.Rows;
        File.Delete(Place);
        var said = _run.GoOn("--steps", "8");
        Assert.Contains(
            $"warning: {Place} is gone: 3 rows, of steps 2 to 6, are restored from the checkpoint", said, StringComparison.Ordinal);
        Assert.Equal(rows, _run.Report.Rows.Take(3));
        Assert.True(Seconds(3) > Seconds(2));
    }

    [Fact]
    public void Rows_that_the_latest_checkpoint_does_not_know_come_from_an_earlier_one()
    {
        var rows = _run.Report.Rows;
        File.Delete(Place);
        File.Delete(_run.Place["run/checkpoint/step-000000006/progress.json"]);
        Assert.Contains("2 rows, of steps 2 to 4, are restored from the checkpoint", _run.GoOn("--steps", "8"), StringComparison.Ordinal);
        Assert.Equal(rows.Take(2), _run.Report.Rows.Take(2));
        Assert.Equal(["2", "4", "6", "8"], _run.Column("step"));
    }

    [Fact]
    public void Rows_that_nobody_knows_any_more_are_reported()
    {
        File.Delete(Place);
        foreach (var step in new[] { 2, 4, 6 })
            File.Delete(_run.Place[$"run/checkpoint/step-{step:D9}/progress.json"]);
        Assert.Contains($"warning: {Place} has no row of the evaluations before step 6, and no checkpoint knows any",
            _run.GoOn("--steps", "8"), StringComparison.Ordinal);
        Assert.Equal(["6", "8"], _run.Column("step"));
    }

    [Fact]
    public void A_whole_report_is_left_as_it_is_and_not_spoken_of()
    {
        // Somebody's own column.
        File.WriteAllLines(Place, File.ReadAllLines(Place).Select((line, index) => line + (index == 0 ? ",mine" : $",{index}")));
        Assert.DoesNotContain("warning", _run.GoOn("--steps", "8"), StringComparison.Ordinal);
        Assert.Equal(["1", "2", "3", ""], _run.Column("mine"));
    }

    [Fact]
    public void A_damaged_copy_in_the_checkpoint_costs_nothing_where_the_report_is_whole()
    {
        var rows = _run.Report.Rows;
        var copy = _run.Place["run/checkpoint/step-000000006/progress.json"];
        File.WriteAllText(copy, File.ReadAllText(copy).Replace("\"2\"", "\"9\"", StringComparison.Ordinal));
        Assert.Contains("its hash differs; the report is taken as it is", _run.GoOn("--steps", "8"), StringComparison.Ordinal);
        Assert.Equal(rows, _run.Report.Rows.Take(3));
    }

    [Fact]
    public void A_table_that_cannot_be_read_is_named()
    {
        File.WriteAllText(Place, "epoch,step\n1,2\n2,\"x\"y\n");
        var refusal = Assert.Throws<Diffusion.Model.Files.InputException>(() => ReportTable.Read(Place));
        Assert.Equal($"{Place}: found a quote that is out of place in line 3; expected a table as CSV.", refusal.Message);
    }

    private double Seconds(int row) =>
        double.Parse(_run.Column("seconds").ElementAt(row), System.Globalization.CultureInfo.InvariantCulture);
}
