using System.Globalization;
using Diffusion.Model.Runs;
using Diffusion.Model.Training;
using Diffusion.Specs.Data;

namespace Diffusion.Specs.Host;

/// <summary>What is in <c>steps.csv</c>, whatever happens to it.</summary>
public sealed class StepReportSpecs : IDisposable
{
    private readonly TemporaryFolder _place = new();

    public void Dispose() => _place.Dispose();

    private string Place => _place["run/steps.csv"];

    [Fact]
    public void There_are_many_rows_at_first_and_few_later()
    {
        int Rows(int from, int to) => Enumerable.Range(from, to - from + 1).Count(step => StepReport.IsAt(step));
        Assert.Equal((20, 96, 225, 15_900), (Rows(1, 20), Rows(21, 500), Rows(501, 5_000), Rows(5_001, 800_000)));
        Assert.Equal([1, 20, 25, 500, 520, 5_000, 5_050], ((int[])[0, 1, 20, 21, 25, 500, 505, 520, 5_000, 5_020, 5_050])
            .Where(step => StepReport.IsAt(step)));
    }

    [Fact]
    public void A_row_says_how_training_went()
    {
        using (var report = StepReport.Create(Place))
            report.Append(new(25, 800, 0.125, 1.5, 2e-4), "0.0133", new(TimeSpan.FromSeconds(2.5), 64));
        Assert.Equal(
            "step,epoch,images,loss,gradient_norm,learning_rate,images_per_second,seconds\n25,0.0133,800,0.125,1.5,0.0002,64,2.5\n",
            File.ReadAllText(Place));
    }

    [Fact]
    public void A_loss_that_is_no_number_is_an_empty_cell()
    {
        using (var report = StepReport.Create(Place))
            report.Append(new(1, 32, double.NaN, double.PositiveInfinity, 0), "0", new(TimeSpan.Zero, null));
        Assert.EndsWith("1,0,32,,Infinity,0,,0\n", File.ReadAllText(Place), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(23)]
    [InlineData(60)]
    public void After_a_resume_every_row_comes_once(int updates)
    {
        Write(StepReport.Create(Place), 1, 60);
        File.AppendAllText(Place, "65,0.0");
        Write(StepReport.Continue(Place, updates), updates + 1, 60);
        Assert.Equal(Expected(60), Steps);
    }

    [Fact]
    public void Going_on_changes_nothing_in_a_file_that_is_whole()
    {
        Write(StepReport.Create(Place), 1, 60);
        var before = File.ReadAllBytes(Place);
        using (var report = StepReport.Continue(Place, 60))
            Assert.Null(report.Remark);
        Assert.Equal(before, File.ReadAllBytes(Place));
    }

    [Fact]
    public void A_file_that_is_not_there_begins_where_the_run_is()
    {
        using (var report = StepReport.Continue(Place, 23))
        {
            Assert.Equal($"{Place} is not there: its rows begin after step 23", report.Remark);
            Write(report, 24, 30);
        }
        Assert.Equal([25, 30], Steps);
    }

    [Theory]
    [InlineData("step,loss\n\"1,2\n3\"4,5\n")]
    [InlineData("no table at all\n")]
    [InlineData("")]
    public void A_file_that_is_damaged_is_kept_aside_and_begins_anew(string text)
    {
        File.WriteAllText(Place, text);
        using (var report = StepReport.Continue(Place, 23))
        {
            Assert.Contains("its rows begin after step 23", report.Remark, StringComparison.Ordinal);
            Write(report, 24, 25);
        }
        Assert.Equal([25], Steps);
        Assert.Equal(text, File.ReadAllText(_place["run/steps.damaged.csv"]));
    }

    [Fact]
    public void A_row_without_numbers_is_kept_aside()
    {
        Write(StepReport.Create(Place), 1, 12);
        var lines = File.ReadAllLines(Place);
        lines[10] = "10,x,y,NaN,1e999,,,";
        File.WriteAllLines(Place, lines);
        using (var report = StepReport.Continue(Place, 12))
            Assert.Equal($"{Place} has no numbers in the row of step 10: 1 row up to step 12 is missing; what was there is in "
                + _place["run/steps.damaged.csv"], report.Remark);
        Assert.DoesNotContain(10, Steps);
    }

    [Fact]
    public void Rows_that_are_out_of_place_are_left_out()
    {
        Write(StepReport.Create(Place), 1, 30);
        var lines = File.ReadAllLines(Place).ToList();
        lines[5] = lines[5].Replace("5,", "five,", StringComparison.Ordinal);
        lines.InsertRange(8, [lines[3], "22,0,704,0.5,1,1,1,1"]);
        File.WriteAllLines(Place, lines);
        using (var report = StepReport.Continue(Place, 30))
            Assert.Equal($"{Place} is not whole: 1 row up to step 30 is missing", report.Remark);
        Assert.Equal(Expected(30).Where(step => step != 5), Steps);
    }

    [Fact]
    public void What_cannot_be_written_is_reported_once_and_written_later()
    {
        var messages = new List<string>();
        Directory.CreateDirectory(Place);
        using var report = StepReport.Create(Place);
        report.Trouble = messages.Add;
        Write(report, 1, 5, dispose: false);
        Assert.Contains("cannot be written", Assert.Single(messages), StringComparison.Ordinal);
        Directory.Delete(Place);
        Write(report, 6, 7, dispose: false);
        Assert.Equal(Expected(7), Steps);
        File.Delete(Place);
        Assert.True(report.Mend());
        Assert.Equal(Expected(7), Steps);
    }

    [Fact]
    public void A_folder_in_its_place_does_not_prevent_going_on()
    {
        Directory.CreateDirectory(Place);
        using var report = StepReport.Continue(Place, 23);
        Assert.NotNull(report.Remark);
    }

    private static IEnumerable<long> Expected(int updates) =>
        Enumerable.Range(1, updates).Select(step => (long)step).Where(StepReport.IsAt);

    private IEnumerable<long> Steps => ReportTable.Read(Place).Rows.Select(row => long.Parse(row[0], CultureInfo.InvariantCulture));

    private static void Write(StepReport report, int from, int to, bool dispose = true)
    {
        foreach (var step in Enumerable.Range(from, to - from + 1).Where(step => StepReport.IsAt(step)))
            report.Append(new TrainingInterval(step, 32L * step, 1.0 / step, 1, 1e-3), "0.1", new(TimeSpan.FromSeconds(step), 64));
        if (dispose)
            report.Dispose();
    }
}
