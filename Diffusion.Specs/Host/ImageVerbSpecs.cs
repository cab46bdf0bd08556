using System.Text;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Diagnostics;
using Diffusion.Math.PlanFiles;
using Diffusion.Math.Samplers;
using Diffusion.Math.Spacings;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Images;
using Diffusion.Model.Recipes;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using Diffusion.Specs.Data;
using Diffusion.Specs.Training;
using static TorchSharp.torch;

namespace Diffusion.Specs.Host;

/// <summary>Sheets that are made from a trained model: between samples, by several settings, from real images.</summary>
public sealed class ImageVerbSpecs : IDisposable
{
    // An image of 8×8 is enlarged eightfold, with 4 pixels between.
    private const int Cell = 68;

    private readonly TemporaryFolder _place = new();
    private string _name = "out.png";

    public void Dispose() => _place.Dispose();

    [Fact]
    public void The_ends_of_an_interpolation_are_samples()
    {
        Train(Small.Recipe);
        Succeeds("interpolate", _place["run"], "--between", "3,1", "--between", "0,2", "--points", "3", "--sampler", "ddim", "--steps", "3",
            "--batch", "2");
        var between = Sheet();
        Assert.Contains("between\03 to 1, 0 to 2", Notes(), StringComparison.Ordinal);
        Succeeds("vary", _place["run"], "steps", "3", "--sampler", "ddim", "--count", "4", "--batch", "2");
        var samples = Sheet();
        foreach (var (row, column, sample) in new[] { (0, 0, 3), (0, 2, 1), (1, 0, 0), (1, 2, 2) })
            Assert.Equal(Image(samples, new(1, 4), 0, sample), Image(between, new(2, 3), row, column));
    }

    [Fact]
    public void Rows_and_columns_of_a_labelled_model_say_which_samples_and_classes_they_show()
    {
        Train(Small.Labelled);
        _name = "out.svg";
        Succeeds("interpolate", _place["run"], "--between", "0,1", "--between", "2,3", "--points", "2", "--steps", "2");
        Assert.Equal(["0%", "100%", "samples 0 to 1, class 0", "samples 2 to 3, class 1"], Words()[^4..]);
        Succeeds("vary", _place["run"], "guidance", "-1", "0.5", "--count", "3", "--steps", "2");
        Assert.Equal(["0", "1", "0", "w = −1", "w = 0.5"], Words()[^5..]);
        Succeeds("vary", _place["run"], "label", "0", "1", "--count", "3", "--steps", "2");
        Assert.Equal(["label 0", "label 1"], Words()[^2..]);
        Assert.DoesNotContain("0", Words());
    }

    [Fact]
    public void A_schedule_of_few_levels_has_as_many_columns_and_that_of_a_run_is_called_by_its_kind()
    {
        _name = "out.svg";
        var few = """{"kind":"explicitBetas","given":[0.1,0.2,0.3,0.4]}""";
        Succeeds("forward", Photo(), "--schedule", few);
        Assert.Equal(["x₀", "t=0", "t=1", "t=2", "t=3", "explicitBetas"],
            Words().Where(word => word is "x₀" or "explicitBetas" || word.StartsWith("t=", StringComparison.Ordinal)));
        File.WriteAllText(_place["recipe.json"], """{"kind":"cosine"}""");
        File.WriteAllText(_place["mine.json"], few);
        Succeeds("forward", Photo(), "--schedule", _place["recipe.json"], "--schedule", _place["mine.json"]);
        Assert.Equal(["cosine", "mine"], Words().Where(word => word is "cosine" or "mine"));
        Assert.Equal(8, Words().Count(word => System.Text.RegularExpressions.Regex.IsMatch(word, @"^[01]\.\d{3}$")));
    }

    [Fact]
    public void Rows_of_a_varied_sheet_are_drawn_from_the_same_noise_by_their_own_setting()
    {
        Train(Small.Recipe);
        var answer = Succeeds("vary", _place["run"], "eta", "0", "1", "0", "--sampler", "ddim", "--steps", "4", "--count", "2", "--json");
        var sheet = Sheet();
        Assert.Equal(Image(sheet, new(3, 2), 0, 1), Image(sheet, new(3, 2), 2, 1));
        Assert.NotEqual(Image(sheet, new(3, 2), 0, 1), Image(sheet, new(3, 2), 1, 1));
        Assert.Contains("plan ", (string)JsonNode.Parse(answer)!["eta 1"]!, StringComparison.Ordinal);
        Assert.Contains("recipe\0small", Notes(), StringComparison.Ordinal);
        Assert.Contains("eta 1\0sampler ddim (eta 1) 4, plan ", Notes(), StringComparison.Ordinal);
        Assert.Contains("eta 0\0sampler ddim 4, plan ", Notes(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_mask_keeps_is_the_image_and_what_it_hides_is_made_anew()
    {
        Train(Small.Recipe);
        Succeeds("edit", _place["run"], Photo(), "--count", "1", "--mask", "left", "--steps", "6", "--jump", "2", "--rounds", "2",
            "--versions", "2");
        var (sheet, grid) = (Sheet(), new Grid(4, 1));
        var original = Image(sheet, grid, 0, 0);
        foreach (var version in new[] { 2, 3 })
            for (var y = 0; y < 8; y++)
                Assert.Equal(original[y][4..], Image(sheet, grid, version, 0)[y][4..]);
        Assert.NotEqual(original, Image(sheet, grid, 2, 0));
        Assert.NotEqual(Image(sheet, grid, 2, 0), Image(sheet, grid, 3, 0));
        Assert.All(Image(sheet, grid, 1, 0), row => Assert.All(row[..4], pixel => Assert.Equal((0, 128, 204), pixel)));
        foreach (var note in new[] { "mask\0left", "jump\02", "rounds\02", "images\0", "sampler\0inpainting 2 x 2 by ddpm" })
            Assert.Contains(note, Notes(), StringComparison.Ordinal);
        Assert.DoesNotContain("filled in", Notes(), StringComparison.Ordinal);
    }

    [Fact]
    public void Samplers_of_a_varied_sheet_differ_in_name()
    {
        Train(Small.Recipe);
        Succeeds("vary", _place["run"], "sampler", "ddpm", "ddpm-small", "--steps", "3", "--count", "2");
        Assert.Contains("sampler ddpm\0ddpm 3, plan ", Notes(), StringComparison.Ordinal);
        Assert.Contains("sampler ddpm-small\0ddpm-small 3, plan ", Notes(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_drawn_mask_hides_what_is_white()
    {
        Train(Small.Recipe);
        var mask = new byte[3 * 64];
        mask.AsSpan(0, 3 * 32).Fill(255);
        Png.Save(_place["mask.png"], new(8, 8, mask), []);
        Succeeds("edit", _place["run"], Photo(), "--count", "1", "--mask", _place["mask.png"], "--steps", "2", "--rounds", "1");
        var drawn = Image(Sheet(), new(5, 1), 2, 0);
        Succeeds("edit", _place["run"], Photo(), "--count", "1", "--mask", "top", "--steps", "2", "--rounds", "1");
        Assert.Equal(Image(Sheet(), new(5, 1), 2, 0), drawn);
    }

    [Fact]
    public void Redrawing_goes_further_from_the_image_the_stronger_it_is()
    {
        Train(Small.Recipe);
        Succeeds(
            "edit", _place["run"], Photo(), "--count", "1", "--strength", "0.05", "--strength", "1", "--sampler", "ddim", "--steps", "40");
        var (sheet, grid) = (Sheet(), new Grid(5, 1));
        int Distance(int row) =>
            Image(sheet, grid, 0, 0).Zip(Image(sheet, grid, row, 0), (a, b) => a.Zip(b, (p, q) => Abs(p.Item1 - q.Item1)).Sum()).Sum();
        Assert.True(Distance(2) < Distance(4), $"{Distance(2)} {Distance(4)}");
        Assert.Contains("strength 0.05\0sampler from the original by ddim 2", Notes(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_animation_of_samples_forming_is_one_that_says_how_it_was_made()
    {
        Train(Small.Recipe);
        Succeeds("sample", _place["run"], "--animation", "--count", "3", "--sampler", "ddim", "--steps", "5");
        Assert.Contains("acTL\0\0\0\u0006", Notes(), StringComparison.Ordinal);
        Assert.Contains("sampler\0ddim 5", Notes(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_that_remembers_steps_begins_in_the_middle_and_that_is_said()
    {
        Train(Small.Recipe);
        PlanPlace.Write(_place["six.json"], PlanDocument.Of(
            SamplerCatalogue.Find("unipc")!.Sampler.Plan(Small.Recipe.Schedule, new TimestepSpacing.Trailing(6))));
        var (code, _, error) = Run(["edit", _place["run"], Photo(), "--count", "1", "--strength", "0.5", "--plan", _place["six.json"]]);
        Assert.Equal(ExitCode.Success, code);
        Assert.Contains("unipc 2 remembers earlier steps, and the edit begins at step 4 of 6: 2 steps of lower order, as where "
            + "sampling begins",
            error, StringComparison.Ordinal);
        Assert.Contains("by unipc 2 from step 4 3", Notes(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "ddpm-small")]
    [InlineData("--rounds 1", "unipc")]
    public void An_image_is_filled_in_by_a_model_whose_own_sampler_remembers_steps(string rounds, string sampler)
    {
        Train(Small.Recipe with
        {
            Evaluation = Small.Recipe.Evaluation with { Sampler = SamplerCatalogue.Find("unipc")!.Sampler },
        });
        Succeeds(["edit", _place["run"], Photo(), "--count", "1", "--mask", "left", "--steps", "6",
            .. rounds.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Contains($"by {sampler} ", Notes(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("edit RUN PHOTO", "edit: requires --strength or --mask")]
    [InlineData("edit RUN PHOTO --mask left --strength 0.5", "--mask: cannot be combined with --strength")]
    [InlineData("edit RUN PHOTO --strength 0", "--strength: 0 is not a number above 0 and up to 1")]
    [InlineData("edit RUN PHOTO --strength 0.5 --rounds 3", "--rounds: requires --mask")]
    [InlineData(
        "edit RUN PHOTO --mask centre --sampler dpm++2m --steps 5", "remembers earlier steps, and cannot go a stretch of them again")]
    [InlineData("edit RUN PHOTO --mask nowhere.png",
        "--mask: found nowhere.png; expected an image file, or one of left, right, top, bottom, centre, border")]
    [InlineData("edit RUN PHOTO --count 2 --mask left", "at least 2")]
    [InlineData(
        "edit RUN mnist --no-download --count 1 --mask left", "mnist:train: found images of 28×28; expected 8×8 as the model makes")]
    [InlineData("edit RUN absent.png --mask left", "absent.png: found no such file or folder")]
    [InlineData("vary RUN eta 0 2", "--eta: 2 is not a number from 0 to 1")]
    [InlineData("vary RUN eta 0 1 --sampler heun", "--eta: heun has no such setting; samplers that have it: ddim, euler-ancestral")]
    [InlineData("vary RUN eta 0 1", "eta: found ddpm has no such setting; expected a sampler that has it: ddim, euler-ancestral")]
    [InlineData("vary RUN eta 0 1 --eta 1", "--eta: given more than once")]
    [InlineData("vary RUN colour red", "colour is not one of sampler, plan, steps")]
    [InlineData("interpolate RUN --between 3", "--between: 3 is not two sample numbers such as 3,17")]
    [InlineData("interpolate RUN --points 1", "--points: 1 is not a whole number above 1")]
    [InlineData("sample RUN --strip --animation", "--animation: cannot be combined with --strip")]
    [InlineData("forward PHOTO --schedule linea", "--schedule: linea is not one of linear, cosine")]
    [InlineData("forward PHOTO --times 0,1000", "--times: linear has no timestep 1000; its timesteps are 0 to 999")]
    [InlineData("forward PHOTO --times 0,x", "--times: 0,x is not times such as 0,250,500,999")]
    public void What_cannot_be_done_is_one_line_and_no_file(string line, string reason)
    {
        Train(Small.Recipe);
        var photo = Photo();
        var (code, output, error) = Run(
            line.Split(' ').Select(word => word switch { "RUN" => _place["run"], "PHOTO" => photo, _ => word }));
        Assert.Equal((ExitCode.Failure, ""), (code, output));
        // A line about the data may stand before it.
        var last = error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        Assert.StartsWith("error: ", last, StringComparison.Ordinal);
        Assert.Contains(reason, last, StringComparison.Ordinal);
        Assert.False(File.Exists(Out));
    }

    [Fact]
    public void Schedules_noise_a_digit_alike_at_the_ends_and_differently_between()
    {
        var answer = Succeeds("forward", "mnist:test", "--no-download", "--times", "0,100,250,500,750,999", "--json");
        Golden.Project.Png(File.ReadAllBytes(Out), new PixelTolerance(24, 0.002), "Forward.Mnist");
        var schedules = JsonNode.Parse(answer)!["schedules"]!.AsArray();
        Assert.Equal(["linear", "cosine"], schedules.Select(schedule => (string)schedule!["name"]!));
        var (linear, cosine) = (AlphaBars(schedules[0]!), AlphaBars(schedules[1]!));
        Assert.All(linear.Zip(cosine).Skip(1).Take(4), pair => Assert.True(pair.First < pair.Second));
        Assert.Contains("times linear\00, 100, 250, 500, 750, 999", Notes(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_labelled_model_redraws_images_as_their_own_class_or_as_the_one_asked_for()
    {
        Train(Small.Labelled);
        Succeeds("edit", _place["run"], Photo(), "--count", "1", "--strength", "0.5", "--label", "1", "--guidance", "2", "--steps", "4");
        Assert.Contains("guidance\0w = 2 (s = 3)", Notes(), StringComparison.Ordinal);
        Assert.Contains("labels\01", Notes(), StringComparison.Ordinal);
    }

    private static double[] AlphaBars(JsonNode schedule) => [.. schedule["alphaBar"]!.AsArray().Select(number => (double)number!)];

    private string Out => _place[_name];

    private List<string> Words() => [.. System.Xml.Linq.XElement.Load(Out).Elements()
        .Where(element => element.Name.LocalName == "text").Select(element => element.Value)];

    private RgbImage Sheet() => ImageDecoder.Decode("out", File.ReadAllBytes(Out));

    private string Notes() => Encoding.Latin1.GetString(File.ReadAllBytes(Out));

    private string Photo()
    {
        Png.Save(_place["photo.png"], new(8, 8, [.. Enumerable.Range(0, 64).SelectMany(at => Enumerable.Repeat((byte)(3 * at), 3))]), []);
        return _place["photo.png"];
    }

    // The pixels of an image of a sheet, rows counted from its lower and columns from its right edge, where no texts are.
    private static List<(int, int, int)[]> Image(RgbImage sheet, Grid grid, int row, int column)
    {
        var (left, top) = (sheet.Width - (grid.Columns - column) * Cell, sheet.Height - (grid.Rows - row) * Cell);
        (int, int, int) At(int x, int y) =>
            sheet.Row(top + 8 * y)[(3 * (left + 8 * x))..] is var pixel ? (pixel[0], pixel[1], pixel[2]) : default;
        return [.. Enumerable.Range(0, 8).Select(y => Enumerable.Range(0, 8).Select(x => At(x, y)).ToArray())];
    }

    private void Train(Recipe recipe)
    {
        using var images = Small.Images();
        using var run = new TrainingRun(recipe with { Data = recipe.Data with { Set = "folder", Size = 8 } }, images, CPU);
        for (var step = 0; step < 3; step++)
            run.Advance();
        new CheckpointStore(Path.Combine(_place["run"], CheckpointStore.FolderName)).Save(run);
    }

    private string Succeeds(params string[] words)
    {
        var (code, output, error) = Run(words);
        Assert.True(code == ExitCode.Success, error);
        return output;
    }

    private (ExitCode Code, string Output, string Error) Run(IEnumerable<string> words)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        string[] machine = words.First() == "forward" ? [] : ["--device", "cpu", "--threads", "1"];
        var code = CommandLineApp.Run([.. words, "-o", Out, .. machine], new(output, error, Display.Plain), CancellationToken.None);
        return (code, output.ToString(), error.ToString());
    }

    private sealed record Grid(int Rows, int Columns);
}
