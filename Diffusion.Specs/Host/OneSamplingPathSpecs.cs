using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Diagnostics;
using Diffusion.Math.Spacings;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Formats.Numpy;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Images;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Model.Training;
using Diffusion.Specs.Data;
using Diffusion.Specs.Training;
using static TorchSharp.torch;

namespace Diffusion.Specs.Host;

/// <summary>What training draws and measures is what the commands draw and measure.</summary>
public sealed class OneSamplingPathSpecs : IDisposable
{
    private readonly TemporaryFolder _place = new();

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData("none")]
    [InlineData("labels")]
    [InlineData("few")]
    public void Sample_redraws_the_newest_sheet_of_a_run_pixel_for_pixel(string kind)
    {
        // Batches of 6: the sheet ends in the middle of one.
        var recipe = (kind == "none" ? Small.Recipe : Small.Labelled) with
        {
            Evaluation = new()
            {
                Spacing = new TimestepSpacing.Trailing(3),
                Samples = 9,
                FinalSamples = 14,
                GridImages = kind == "few" ? 1 : 9,
                Batch = 6,
            },
        };
        Train(recipe with { Length = recipe.Length with { Steps = 5 } });
        var newest = Image("run/samples-step-000005.png");
        Succeeds("sample", _place["run"], "-o", _place["again.png"]);
        AssertSame(newest, Image("again.png"));
        Succeeds("sample", _place["run"], "--request", _place["run/samples-step-000005.png"], "-o", _place["asked.png"]);
        AssertSame(newest, Image("asked.png"));
    }

    [Fact]
    public void Sample_redraws_the_sheet_of_a_run_that_is_not_at_its_end()
    {
        var evaluation =
            new EvaluationRecipe { Spacing = new TimestepSpacing.Trailing(2), Samples = 5, FinalSamples = 14, GridImages = 4, Batch = 4 };
        Train(Small.Recipe with { Evaluation = evaluation }, steps: 4);
        Succeeds("sample", _place["run"], "-o", _place["again.png"]);
        AssertSame(Image("run/samples-step-000004.png"), Image("again.png"));
    }

    [Fact]
    public void Fid_repeats_the_last_number_of_the_report_exactly()
    {
        var recipe = Small.Labelled with
        {
            Data = Small.Recipe.Data with { Set = "mnist" },
            Network = Small.Network with { Labels = new(10, NullLabel.Learned) },
            Length = Small.Recipe.Length with { Steps = 1, EvaluateEvery = new EvaluationInterval.Steps(1) },
            // Batches of samples and of features end at other places.
            Evaluation = new() { Spacing = new TimestepSpacing.Trailing(2), FinalSamples = 90, GridImages = 10, Batch = 32 },
        };
        File.WriteAllText(_place["recipe.json"], RecipeText.Write(recipe));
        string[] machine = ["--no-download", "--device", "cpu", "--threads", "1"];
        Succeeds(["train", _place["recipe.json"], "--out", _place["run"], .. machine]);
        var report = ReportTable.Read(_place["run/report.csv"]).Under(["fd_lenet", "samples"]).Rows[^1];
        var answer = JsonNode.Parse(Succeeds(["fid", "mnist", _place["run"], "--features", "lenet", "--json", .. machine]))!;
        var distance = ((double)answer["measures"]!["fd_lenet"]!).ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(report, [distance, answer["protocol"]!["n"]!.ToString()]);
        // And so do the files of its samples, on which pixels are rounded to bytes as they are before they are measured.
        Succeeds("sample", _place["run"], "-n", "90", "-o", $"{_place["files"]}/", "--subdirs");
        answer = JsonNode.Parse(Succeeds(["fid", "mnist", _place["files"], "--features", "lenet", "--json", .. machine]))!;
        Assert.Equal(double.Parse(distance, System.Globalization.CultureInfo.InvariantCulture),
            (double)answer["measures"]!["fd_lenet"]!, 1e-6);
    }

    [Fact]
    public void A_file_is_drawn_again_by_its_request_and_by_the_answer()
    {
        Train(Small.Labelled, steps: 1);
        var options = "--sampler ddim --eta 0.5 --steps 3 --guidance 2 --label 1 --seed 9 --count 3 --first 2 --batch 2".Split(' ');
        var answer = Succeeds(["sample", _place["run"], "-o", _place["first.png"], "--json", .. options]);
        File.WriteAllText(_place["answer.json"], answer);
        Succeeds("sample", _place["run"], "-o", _place["second.png"], "--request", _place["first.png"]);
        AssertSame(Image("first.png"), Image("second.png"));
        Succeeds("sample", _place["run"], "-o", _place["third.png"], "--request", _place["answer.json"]);
        Assert.Equal(File.ReadAllBytes(_place["first.png"]), File.ReadAllBytes(_place["third.png"]));
        Succeeds("sample", _place["run"], "-o", _place["other.png"], "--request", _place["first.png"], "--seed", "10");
        Assert.NotEqual(Image("first.png").Rgb, Image("other.png").Rgb);
    }

    [Theory]
    [InlineData("--strip", "png")]
    [InlineData("--strip", "svg")]
    [InlineData("--animation", "png")]
    [InlineData("--animation", "gif")]
    [InlineData("--animation", "webp")]
    [InlineData("--zoom=3", "svg")]
    public void A_sheet_of_any_kind_and_format_is_drawn_again_by_its_request(string kind, string ending)
    {
        Train(Small.Labelled, steps: 1);
        var (first, second) = (_place[$"first.{ending}"], _place[$"second.{ending}"]);
        Succeeds("sample", _place["run"], "-o", first, kind, "--steps", "2", "--label", "1");
        string[] zoom = kind[2..] is "strip" or "animation" ? [] : [kind];
        Succeeds(["sample", _place["run"], "-o", second, "--request", first, .. zoom]);
        Assert.Equal(File.ReadAllBytes(first), File.ReadAllBytes(second));
        Assert.Contains("sampler", Succeeds("info", first), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sheet_of_several_requests_says_so_and_how_one_is_drawn()
    {
        Train(Small.Labelled, steps: 1);
        Succeeds("vary", _place["run"], "guidance", "0", "1", "3", "-o", _place["rows.png"], "--count", "2", "--steps", "2",
            "--device", "cpu", "--threads", "1");
        var (code, _, error) = Run(["sample", _place["run"], "-o", _place["out.png"], "--request", _place["rows.png"]]);
        Assert.Equal(ExitCode.Failure, code);
        Assert.EndsWith(
            "rows.png: found a sheet of 3 requests, one per row; expected one request: the command info lists those of rows.png, "
            + "and --request takes one of them as a .json file\n", error, StringComparison.Ordinal);
        Succeeds("vary", _place["run"], "guidance", "2", "-o", _place["row.png"], "--count", "2", "--steps", "2",
            "--device", "cpu", "--threads", "1");
        Succeeds("sample", _place["run"], "-o", _place["out.png"], "--request", _place["row.png"]);
    }

    [Theory]
    [InlineData("--strip", "strip.png", "again.gif", "found a request for a strip; expected a file ending in .png or .svg")]
    [InlineData("--animation", "film.gif", "again.svg", "found a request for an animation; expected a file ending in .png, .gif or .webp")]
    [InlineData("--count=2", "grid.png", "again.webp", "found a request for a grid of samples; expected a file ending in .png or .svg")]
    public void A_request_is_drawn_into_a_file_of_its_kind(string kind, string first, string second, string reason)
    {
        Train(Small.Recipe, steps: 1);
        Succeeds("sample", _place["run"], "-o", _place[first], kind, "--steps", "2");
        var (code, _, error) = Run(["sample", _place["run"], "-o", _place[second], "--request", _place[first]]);
        Assert.Equal(ExitCode.Failure, code);
        Assert.Contains(reason, error, StringComparison.Ordinal);
        Succeeds("sample", _place["run"], "-o", $"{_place["images"]}/", "--request", _place[first]);
    }

    [Fact]
    public void A_request_of_another_step_is_reported()
    {
        Train(Small.Recipe, steps: 1);
        Succeeds("sample", _place["run"], "-o", _place["first.png"], "--steps", "2", "--count", "1");
        Directory.Delete(_place["run"], recursive: true);
        Train(Small.Recipe, steps: 2);
        var (code, _, error) = Run(["sample", _place["run"], "-o", _place["second.png"], "--request", _place["first.png"]]);
        Assert.Equal(ExitCode.Success, code);
        Assert.Contains(
            "warning: the request is of small, step 1; the model is small, step 2, and gives other images", error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_request_is_one_line_and_no_file()
    {
        Train(Small.Recipe, steps: 1);
        Png.Save(_place["plain.png"], new(1, 1, [0, 0, 0]), []);
        File.WriteAllText(_place["bad.json"], """{"stepz": 5}""");
        File.WriteAllText(_place["plain.svg"], "<svg xmlns='http://www.w3.org/2000/svg'><desc>seed: 1</desc></svg>");
        File.WriteAllText(
            _place["entity.svg"], "<!DOCTYPE svg [<!ENTITY a 'b'>]><svg xmlns='http://www.w3.org/2000/svg'><desc>&a;</desc></svg>");
        File.WriteAllText(_place["edit.json"], """{"edit": {"kind": "sdEdit", "strength": 0.5}}""");
        (string Name, string Reason)[] faults =
        [
            ("plain.png", "plain.png: found an image without a request"),
            ("plain.svg", "plain.svg: found an image without a request; "
                + "expected an image that was sampled by this program (PNG, SVG, GIF or WebP)"),
            ("entity.svg", "entity.svg: found an image file that is damaged or of another format"),
            ("bad.json", "bad.json: found the request has an unknown field \"stepz\""),
            ("edit.json", "edit: found a request to edit images, and no images"),
            ("absent.json", "absent.json: found no such file or folder"),
            ("run", "run: found no such file or folder"),
        ];
        foreach (var (name, reason) in faults)
        {
            var (code, output, error) = Run(["sample", _place["run"], "-o", _place["out.png"], "--request", _place[name]]);
            Assert.Equal((ExitCode.Failure, ""), (code, output));
            Assert.Contains(reason, Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);
            Assert.False(File.Exists(_place["out.png"]));
        }
    }

    [Fact]
    public void Arrays_hold_the_images_channels_last_and_their_labels()
    {
        Train(Small.Labelled, steps: 1);
        Succeeds("sample", _place["run"], "-o", _place["x.npz"], "--steps", "2", "--count", "5", "--first", "1", "--batch", "2");
        Succeeds("sample", _place["run"], "-o", $"{_place["images"]}/", "--steps", "2", "--count", "5", "--first", "1", "--batch", "2");
        using var file = Npz.Open(_place["x.npz"]);
        var (images, labels) = (file["arr_0"].Read<byte>(), file["arr_1"].Read<long>());
        Assert.Equal(TensorShape.Of(5, 8, 8, 1), images.Shape);
        Assert.Equal([1, 0, 1, 0, 1], labels.Values);
        for (var sample = 0; sample < 5; sample++)
            Assert.Equal(
                images.Values[(64 * sample)..(64 * sample + 64)],
                Image($"images/{sample + 1:D6}.png").Rgb.Where((_, at) => at % 3 == 0));
    }

    [Fact]
    public void A_sample_of_a_folder_is_drawn_again_by_its_request()
    {
        Train(Small.Recipe, steps: 1);
        string[] to = ["sample", _place["run"], "-o", $"{_place["images"]}/", "--steps", "2", "--batch", "2"];
        Succeeds([.. to, "--count", "2"]);
        Succeeds([.. to, "--count", "2", "--first", "2"]);
        Succeeds("sample", _place["run"], "--request", _place["images/000003.png"], "-o", $"{_place["again"]}/");
        AssertSame(Image("images/000003.png"), Image("again/000003.png"));
    }

    [Theory]
    [InlineData("samples.jpg")]
    [InlineData("samples")]
    [InlineData("samples.npy")]
    public void Another_ending_is_refused_before_sampling(string name)
    {
        var (code, output, error) = Run(["sample", _place["run"], "-o", name]);
        Assert.Equal((ExitCode.Failure, ""), (code, output));
        Assert.StartsWith(
            $"error: --out: {name} is not a file ending in .png, ", error, StringComparison.Ordinal);
        Assert.Contains(" or .npz, or a folder ending in /", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_strip_is_an_image_file() =>
        Assert.StartsWith(
            "error: --strip: requires a .png or .svg file, not x.npz",
            Run(["sample", _place["run"], "-o", "x.npz", "--strip"]).Error, StringComparison.Ordinal);

    [Fact]
    public void A_recipe_from_before_class_names_were_kept_is_still_read()
    {
        var recipe = Small.Labelled with { Data = Small.Recipe.Data with { Set = "folder", ClassNames = ["even", "odd"] } };
        var json = JsonNode.Parse(RecipeText.Write(recipe))!.AsObject();
        Assert.Equal(recipe, RecipeText.Read(json.ToJsonString(), "recipe.json"));
        json["data"]!.AsObject().Remove("classNames");
        Assert.Equal(recipe with { Data = recipe.Data with { ClassNames = [] } }, RecipeText.Read(json.ToJsonString(), "recipe.json"));
    }

    private void Train(Recipe recipe, int? steps = null)
    {
        using var images = Small.Images();
        var names = images.Provenance.Description.ClassNames;
        var own = recipe with { Data = recipe.Data with { Set = "folder", Size = 8, ClassNames = names } };
        var folder = RunFolder.Create(_place["run"]);
        if (steps is null)
        {
            using var trainer = Trainer.Begin(own, new(images), folder, new() { Evaluation = BrightnessMeter.Evaluation });
            trainer.Train();
            return;
        }
        using var owned = folder;
        using var run = new TrainingRun(own, images, CPU);
        using var evaluation = BrightnessMeter.Evaluation(own, new(images));
        while (run.Updates < steps)
            run.Advance();
        if (run.Schedule.IsAt(run.Updates))
            evaluation.Run(run, new(folder.Samples(run.Updates)) { Trouble = Assert.Fail });
        new CheckpointStore(folder.Checkpoints).Save(run);
    }

    private RgbImage Image(string name) => ImageDecoder.Decode(name, File.ReadAllBytes(_place[name]));

    private static void AssertSame(RgbImage expected, RgbImage actual)
    {
        Assert.Equal((expected.Width, expected.Height), (actual.Width, actual.Height));
        Assert.Equal(expected.Rgb, actual.Rgb);
    }

    private static string Succeeds(params string[] words)
    {
        var (code, output, error) = Run(words);
        Assert.True(code == ExitCode.Success, error);
        return output;
    }

    private static (ExitCode Code, string Output, string Error) Run(string[] words)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        string[] machine = words[0] == "sample" ? ["--device", "cpu", "--threads", "1"] : [];
        var code = CommandLineApp.Run([.. words, .. machine], new(output, error, Display.Plain), CancellationToken.None);
        return (code, output.ToString(), error.ToString());
    }
}
