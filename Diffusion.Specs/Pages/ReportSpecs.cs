using System.Text.RegularExpressions;
using System.Xml.Linq;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Html;
using Diffusion.Host.Sweeps;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Recipes;
using Diffusion.Specs.Data;
using Diffusion.Specs.Training;

namespace Diffusion.Specs.Pages;

public sealed partial class ReportSpecs : IDisposable
{
    private const string Rows = "epoch,step,images,seconds,loss,gradient_norm,learning_rate,samples,sampler,nfe,fd_lenet,provenance\n"
        + "1,100,3200,60.5,0.2,1.5,0.0002,256,ddim 50,50,40,network one; reference two\n"
        + "2,200,6400,121,0.05123456,0.7,0.0001,256,ddim 50,50,3.5,network one; reference two\n";

    private readonly TemporaryFolder _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void The_page_of_a_run()
    {
        var run = Run(Small.Recipe with { Data = new() { Set = "mnist" } });
        File.WriteAllText(Path.Combine(run, "guidance.csv"), "w,s,fd_lenet\n-1,0,9.5\n3,4,6.25\n");
        Png.Save(Path.Combine(run, "guidance.png"), new RgbImage(1, 1, [1, 2, 3]), [new("w", "3 (s = 4)")]);
        Png.Save(Path.Combine(run, "strip.png"), new RgbImage(1, 1, [1, 2, 3]), []);
        Golden.Project.Html(Masked(Page(run)), "Report.OneRun");
    }

    [Fact]
    public void A_run_of_the_embedded_subset_is_repeated_offline_since_a_network_has_other_images()
    {
        using var sample = Dataset.Mnist.Sample(Split.Train);
        var data = new DataRecipe { Set = "mnist", Sha256 = sample.Provenance.Sha256 };
        Assert.Contains("-again --offline", Page(Run(Small.Recipe with { Data = data })), StringComparison.Ordinal);
        var other = data with { Sha256 = new('0', 64) };
        Assert.DoesNotContain("--offline", Page(Run(Small.Recipe with { Data = other })), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sweep_is_shown_by_what_differs_and_can_be_repeated()
    {
        var run = Run("mnist-cfg");
        var key = string.Join(',', SweptRow.KeyColumns);
        string Row(string name, double scale, string n)
        {
            var cells = SweptRow.KeyColumns.Select(column =>
                column switch { "n" => n, "guidance" => name, "plan_sha256" => "cafe", "nfe" => "50", _ => "" });
            return $"free,{scale},9.5,3,{string.Join(',', cells)}\n";
        }
        File.WriteAllText(Path.Combine(run, "guidance.csv"),
            $"method,strength,fd_lenet,fd_lenet_3,{key}\n{Row("w = -1", 0, "64")}{Row("w = 0.5", 1.5, "64")}");
        var page = Page(run);
        var headings = Elements(page, "table")[0].Descendants("thead").Single().Descendants("th").Select(heading => heading.Value);
        Assert.Equal(["method", "strength", "fd_lenet", "guidance"], headings);
        Assert.Contains("In all rows: n 64, nfe 50.", page, StringComparison.Ordinal);
        Assert.Contains(
            $"sweep guidance {run.Replace('\\', '/')} --guidance -1,0.5 --count 64", page.Replace('\\', '/'), StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_is_whole_in_itself()
    {
        var page = Page(Run("mnist"));
        Assert.Empty(Elements(page, "script"));
        Assert.Empty(Elements(page, "link"));
        Assert.DoesNotContain("@import", page);
        Assert.All(Elements(page, "img"), image => Assert.StartsWith("data:image/", (string?)image.Attribute("src")));
        Assert.All(Elements(page, "img"), image => Assert.NotEmpty((string?)image.Attribute("alt") ?? ""));
        Assert.All(Elements(page, "svg"), drawing => Assert.NotEmpty((string?)drawing.Attribute("aria-label") ?? ""));
        Assert.All(Elements(page, "table"), table => Assert.Equal(
            table.Descendants("th").Count(), table.Descendants("th").Count(heading => heading.Attribute("scope") is not null)));
        var names = Tree(page).Descendants().Attributes("id").Select(id => id.Value).ToList();
        Assert.Equal(names.Distinct(), names);
    }

    [Fact]
    public void What_files_say_never_becomes_markup()
    {
        var run = Run("mnist");
        File.WriteAllText(Path.Combine(run, "table.csv"), "<script>alert(1)</script>,b\n\"<img src=x onerror=alert(2)>\0\",2\n");
        var page = Page(run);
        Assert.Empty(Elements(page, "script"));
        Assert.Contains("&lt;script&gt;alert(1)", page);
        Assert.Contains("&lt;img src=x", page);
    }

    [Fact]
    public void A_page_follows_from_the_folder_alone()
    {
        var run = Run("mnist");
        Assert.Equal(Page(run), Page(run));
    }

    [Fact]
    public void Images_beyond_the_size_of_a_page_are_links()
    {
        var run = Run("mnist");
        File.WriteAllBytes(Path.Combine(run, "huge & more.gif"), new byte[3_000_001]);
        Assert.Equal("huge%20%26%20more.gif", (string?)Elements(Page(run), "a").Single().Attribute("href"));
    }

    [Fact]
    public void Runs_side_by_side_show_the_settings_that_differ()
    {
        var (first, second) = (Run("mnist"), Run("cifar10"));
        var page = new ComparisonPage([RunContents.Read(first), RunContents.Read(second)], _place.Path).Text;
        var rows = Elements(page, "table").First()
            .Descendants("tbody").Single().Elements("tr").Select(row => row.Elements().Select(cell => cell.Value).ToList()).ToList();
        Assert.Contains(rows, row => row.SequenceEqual(["data.set", "mnist", "cifar10"]));
        Assert.DoesNotContain(rows, row => row[1] == row[2]);
    }

    [Fact]
    public void The_command_writes_into_the_run_by_default()
    {
        var run = Run("mnist");
        Assert.Equal(new Command.WriteReport(["a", "b"], "c.html"),
            Assert.IsType<ParsedLine.Accepted>(CommandParser.Parse(["report", "a", "b", "-o", "c.html"])).Command);
        var output = new StringWriter();
        var session = new Session(new(output, TextWriter.Null, Display.Plain), Verbosity.Quiet, ResultForm.Text, CancellationToken.None);
        Assert.Equal(ExitCode.Success, new Command.WriteReport([run], null).Run(session));
        Assert.Equal(Path.Combine(run, "report.html"), output.ToString().Trim());
        Assert.Equal(Page(run), File.ReadAllText(Path.Combine(run, "report.html")));
    }

    [Fact]
    public void A_folder_that_is_no_run_is_refused_by_name() =>
        Assert.Contains("expected the folder of a run",
            Assert.Throws<InputException>(() => RunContents.Read(Path.Combine(_place.Path, "none"))).Message);

    [Fact]
    public void Notes_of_a_png_read_back_as_they_were_written()
    {
        var path = _place["notes.png"];
        Sequence<Note> notes = [new("sampler", "ddim 50"), new("guidance", "w = −1")];
        Png.Save(path, new RgbImage(2, 1, new byte[6]), notes);
        var read = PngNotes.Read(File.ReadAllBytes(path))!;
        Assert.Equal((2, 1, notes), (read.Width, read.Height, read.Notes));
        Assert.Null(PngNotes.Read(File.ReadAllBytes(path).AsSpan(0, 40)));
        Assert.Null(PngNotes.Read("GIF89a"u8));
    }

    [Fact]
    public void Settings_of_the_network_that_are_as_usual_are_left_out_and_others_are_not()
    {
        var recipe = BuiltInRecipes.Find("mnist")!.Quick;
        var odd = recipe with { Network = recipe.Network with { Residual = recipe.Network.Residual with { Divisor = 1.5 } } };
        Assert.DoesNotContain(SettingRows.Chosen(recipe), setting => setting.Path is "network.residual.divisor" or "network.time.scale");
        Assert.Contains(new("network.patch", "2"), SettingRows.Chosen(recipe));
        Assert.Contains(new("network.residual.divisor", "1.5"), SettingRows.Chosen(odd));
        Assert.Contains(SettingRows.Chosen(recipe), setting => setting.Path == "network.blocksPerLevel");
    }

    private static string Page(string run) => new RunPage(RunContents.Read(run), run).Text;

    private static XElement Tree(string page) => XElement.Parse(page[(page.IndexOf('\n') + 1)..]);

    private static List<XElement> Elements(string page, string name) =>
        [.. Tree(page).Descendants().Where(element => element.Name.LocalName == name)];

    // Drawings and images have snapshots of their own, and the place is another in every run of the specs.
    private string Masked(string page)
    {
        var tree = Tree(page);
        tree.Descendants("style").Single().Value = "…";
        foreach (var drawing in tree.Descendants().Where(element => element.Name.LocalName == "svg").ToList())
            drawing.ReplaceWith(new XElement("drawing", drawing.Attribute("aria-label")));
        var text = Regex.Replace(tree.ToString(), "base64,[^\"]*", "base64,…").Replace(_place.Path, "PLACE").Replace('\\', '/');
        return Number().Replace(text, "0");
    }

    private string Run(string recipe) => Run(BuiltInRecipes.Find(recipe)!.At(Preset.Quick));

    private string Run(Recipe recipe)
    {
        var folder = $"run-{recipe.Name}";
        File.WriteAllText(_place[Path.Combine(folder, "report.csv")], Rows);
        using (var file = File.Create(_place[Path.Combine(folder, "recipe.json")]))
            RecipeFile.Write(file, recipe);
        var run = Path.Combine(_place.Path, folder);
        File.WriteAllText(
            Path.Combine(run, "log.txt"), "2026-01-01 00:00:00Z  Data: digits\n2026-01-01 00:00:01Z  training: 12 of 9000 steps, loss 1\n");
        foreach (var step in new[] { 100, 200 })
            Png.Save(Path.Combine(run, $"samples-step-000{step}.png"), new RgbImage(1, 1, [1, 2, 3]), [new("sampler", "ddim 50")]);
        return run;
    }

    [GeneratedRegex(@"(?<![\w-])\d+([.,]\d+)*(E[+-]?\d+)?")]
    private static partial Regex Number();
}
