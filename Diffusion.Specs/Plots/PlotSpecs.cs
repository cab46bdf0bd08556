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
    public void Cells_without_a_finite_number_are_left_out() =>
        Assert.Equal(
            [(1.0, 40.0), (3.0, 3.5)], RunCurves.Read(Run("mnist", Three)).Points("fd_lenet").Select(point => (point.Epoch, point.Value)));

    [Fact]
    public void Distances_that_were_measured_otherwise_than_most_are_told_apart() =>
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
        Assert.Contains("differently", Errors(first, second));
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
