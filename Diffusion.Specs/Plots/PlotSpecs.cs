using System.Globalization;
using System.Xml.Linq;
using Diffusion.Host.Charts;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using Diffusion.Specs.Data;

namespace Diffusion.Specs.Plots;

public sealed class PlotSpecs : IDisposable
{
    private const string Columns = "epoch,step,loss,gradient_norm,learning_rate,samples,sampler,nfe,fd_lenet,provenance\n";

    private const string Three = Columns
        + "1,100,0.2,1.5,0.0002,256,ddim 50,50,40,same\n"
        + "2,200,0.05,0.7,0.0001,256,ddim 50,50,NaN,same\n"
        + "3,300,0.03,0.2,0,1024,ddim 50,50,3.5,same\n";

    // Antialiasing differs a little between processors and builds of the drawing library; a line that is missing is several times the
    // share.
    private static readonly PixelTolerance Antialiasing = new(48, 0.0003);

    private readonly TemporaryFolder _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void The_curves_of_a_run() => Golden.Project.Png(Drawn(Run("mnist", Three)), Antialiasing, "Plot.OneRun");

    [Fact]
    public void Two_runs_over_one_another() =>
        Golden.Project.Png(Drawn(Run("mnist", Three), Run("cifar10", Three.Replace("0.05", "0.09").Replace("fd_lenet", "fd_cifarnet"))),
            Antialiasing, "Plot.TwoRuns");

    [Fact]
    public void The_loss_of_every_few_steps_is_a_fine_line()
    {
        var run = Run("mnist", Three);
        File.WriteAllText(Path.Combine(run, "steps.csv"), "step,loss,gradient_norm,learning_rate\n" + string.Concat(
            Enumerable.Range(1, 60).Select(row => string.Create(CultureInfo.InvariantCulture,
                $"{5 * row},{1.0 / row + 0.02 * (row % 3):0.####},{2.0 / row + 0.1 * (row % 2):0.####},{2e-4 * Min(row, 20) / 20:G4}\n"))));
        Golden.Project.Png(Drawn(run), Antialiasing, "Plot.Steps");
        var loss = new CurveSheet([RunCurves.Read(run)]).Charts[0];
        Assert.Equal((SeriesStyle.Fine, 60), (loss.Series[0].Style, loss.Series[0].Points.Count));
    }

    [Fact]
    public void Of_very_many_rows_the_mean_of_neighbours_is_a_point()
    {
        var run = Run("mnist", Three);
        File.WriteAllText(Path.Combine(run, "steps.csv"), "step,loss\n" + string.Concat(
            Enumerable.Range(1, 16_000).Select(row => $"{50 * row},{row % 2}\n")));
        var points = RunCurves.Read(run).FinePoints("loss");
        Assert.InRange(points.Count, 400, 500);
        Assert.All(points, point => Assert.Equal(0.5, point.Value, 0.01));
    }

    [Fact]
    public void A_run_before_its_first_evaluation_has_curves_of_its_steps()
    {
        var run = Run("mnist", Columns);
        File.WriteAllText(Path.Combine(run, "steps.csv"), "step,loss\n1,0.5\n2,0.25\n");
        Assert.Equal(2, new CurveSheet([RunCurves.Read(run)]).Charts[0].Points.Count);
        Assert.NotEmpty(Drawn(run));
    }

    [Fact]
    public void Numbers_of_single_classes_have_no_panels()
    {
        var more = string.Concat(Enumerable.Range(0, 10).Select(label => $",accuracy_{label},fd_lenet_{label}"));
        var cells = string.Concat(Enumerable.Repeat(",0.5,0.5", 10));
        var run = Run("mnist", Three.Replace(",provenance", $",accuracy,fd_lenet_classes{more},provenance", StringComparison.Ordinal)
            .Replace(",same", $",0.9,1.5{cells},same", StringComparison.Ordinal));
        Assert.Equal(["loss", "learning rate", "gradient norm", "fd_lenet", "accuracy", "fd_lenet_classes"],
            new CurveSheet([RunCurves.Read(run)]).Charts.Select(chart => chart.Title));
    }

    [Fact]
    public void Cells_without_a_finite_number_are_left_out() =>
        Assert.Equal(
            [(100.0, 40.0), (300.0, 3.5)],
            RunCurves.Read(Run("mnist", Three)).Points("fd_lenet").Select(point => (point.Step, point.Value)));

    [Fact]
    public void Distances_that_were_measured_otherwise_than_most_are_distinguished() =>
        Assert.Equal([true, false], RunCurves.Read(Run("mnist", Three)).Points("fd_lenet").Select(point => point.IsUsual));

    [Fact]
    public void A_row_that_is_still_being_written_does_not_count() =>
        Assert.Equal(3, RunCurves.Read(Run("mnist", Three + "4,400,0.0")).Points("loss").Count);

    [Fact]
    public void An_svg_holds_the_words_as_words()
    {
        var target = _place["curves.svg"];
        PlotFile.At(target).Save(new CurveSheet([RunCurves.Read(Run("mnist", Three))]).Sheet);
        var words = XDocument.Load(target)
            .Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value.Trim()).ToList();
        Assert.All(["loss", "learning rate", "gradient norm", "fd_lenet"], title => Assert.Contains(title, words));
        Assert.Contains(words, word => word.Contains("mnist") && word.Contains("256 samples"));
    }

    [Fact]
    public void A_folder_without_a_report_is_refused_by_name()
    {
        var folder = Path.Combine(_place.Path, "nothing");
        Assert.Equal($"{folder}: found no such folder; expected the folder of a run.",
            Assert.Throws<InputException>(() => RunCurves.Read(folder)).Message);
        Assert.Contains("no rows", Assert.Throws<InputException>(() => RunCurves.Read(Run("mnist", Columns))).Message);
    }

    [Fact]
    public void The_command_names_runs_and_a_file()
    {
        var accepted = Assert.IsType<ParsedLine.Accepted>(CommandParser.Parse(["plot", "a", "b", "-o", "c.svg"]));
        Assert.Equal(new Command.Plot(["a", "b"], new PlotFile.Svg("c.svg")), accepted.Command);
        Assert.IsType<ParsedLine.Refused>(CommandParser.Parse(["plot"]));
        Assert.Equal(new ParsedLine.Refused("--out: c.gif is not a file ending in .png or .svg"),
            CommandParser.Parse(["plot", "a", "-o", "c.gif"]));
    }

    [Fact]
    public void Runs_that_were_measured_differently_are_compared_with_a_warning()
    {
        var (first, second) = (Run("mnist", Three), Run("mnist", Three.Replace("same", "other")));
        Assert.Equal("", Errors(first, first));
        Assert.Contains("measured its distances differently", Errors(first, second));
    }

    [Fact]
    public void Samplers_of_one_plan_are_one_by_whatever_name()
    {
        var former = new Measure("256", "ancestral 50", "50", "ema=ramp 0.998; plan=4cd1");
        Assert.Equal(former, former with { Sampler = "ddpm-small 50" });
        Assert.NotEqual(former, former with { Provenance = "ema=ramp 0.998; plan=4cd2" });
        Assert.NotEqual(former with { Provenance = "" }, former with { Sampler = "ddim 50", Provenance = "" });
    }

    private string Errors(params string[] runs)
    {
        var errors = new StringWriter();
        var session = new Session(new(TextWriter.Null, errors, Display.Plain), Verbosity.Quiet, ResultForm.Text, CancellationToken.None);
        Assert.Equal(ExitCode.Success, new Command.Plot([.. runs], PlotFile.At(_place["out.png"])).Run(session));
        return errors.ToString();
    }

    private static byte[] Drawn(params string[] runs)
    {
        using var png = new MemoryStream();
        new CurveSheet(runs.Select(RunCurves.Read).ToSequence()).Sheet.WritePng(png);
        return png.ToArray();
    }

    private string Run(string recipe, string report)
    {
        var folder = $"run-{Directory.GetDirectories(_place.Path).Length + 1}";
        File.WriteAllText(_place[Path.Combine(folder, "report.csv")], report);
        using var file = File.Create(_place[Path.Combine(folder, "recipe.json")]);
        RecipeFile.Write(file, BuiltInRecipes.Find(recipe)!.At(Preset.Quick));
        return Path.Combine(_place.Path, folder);
    }
}
