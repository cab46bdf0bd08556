using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Devices;
using Diffusion.Host.Options;
using Diffusion.Host.Training;
using Diffusion.Math.Samplers;
using Diffusion.Math.Spacings;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Specs.Data;

namespace Diffusion.Specs.Host;

public sealed class FolderTrainingSpecs
{
    private static readonly Recipe Short = BuiltInRecipes.Cifar10Ddpm.Quick with
    {
        Name = "folder",
        Data = BuiltInRecipes.Folder.Quick.Data with { Size = 8 },
        Network = Training.Small.Network with { InputChannels = 3, OutputChannels = 3 },
        Length = new() { Steps = 2, EvaluateEvery = new EvaluationInterval.Steps(1), Batch = 2 },
        Evaluation = new() { Sampler = new Sampler.Euler(new Clipping.Clip()), Spacing = new TimestepSpacing.Trailing(2), Samples = 2,
            FinalSamples = 2, GridImages = 2 },
    };

    [Fact]
    public void Images_of_any_size_in_a_folder_can_be_trained_on()
    {
        using var place = new TemporaryFolder();
        File.WriteAllBytes(place["photos/sea/one.png"], Encoded.AsPng(Encoded.Plain(12, 9, 0, 0, 255)));
        File.WriteAllBytes(place["photos/wood/two.jpg"], Encoded.AsJpeg(Encoded.Plain(20, 33, 0, 255, 0)));
        File.WriteAllText(place["short.json"], RecipeText.Write(Short));
        var run = Path.Combine(place.Path, "run");
        var (code, error) = Train(place, run);
        Assert.Contains($"Data: 2 images of 3×8×8 from {place["photos"]}, "
            + "cut to the central square and reduced to 8×8 from files of 12×9 to 20×33; 2 classes from subfolders: sea 1, wood 1.",
            error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Success, code);
        Assert.Equal(["1", "2"], ReportTable.Read(Path.Combine(run, "report.csv")).Rows.Select(row => row[0]));
        Assert.True(File.Exists(Path.Combine(run, "samples-step-000002.png")));
    }

    [Fact]
    public void Labels_are_counted_in_the_images_and_make_the_model_class_conditional()
    {
        using var place = new TemporaryFolder();
        foreach (var (name, shade) in new[] { ("sea/1", 0), ("sea/2", 60), ("wood/1", 120), ("field/1", 200) })
            File.WriteAllBytes(place[$"photos/{name}.png"], Encoded.AsPng(Encoded.Plain(8, 8, (byte)shade, 0, 255)));
        var run = Path.Combine(place.Path, "run");
        var (code, error) = Train(place, run, "--labels", "--set", "evaluation.gridImages=3", "--set", "labels.dropout=0.2");
        Assert.True(code == ExitCode.Success, error);
        var recipe = RecipeFile.Read(Path.Combine(run, "recipe.json"));
        Assert.Equal("folder-cfg", recipe.Name);
        Assert.Equal(3, recipe.Network.Labels?.Classes);
        Assert.Equal(new Conditioning.Labelled(0.2), recipe.Labels);
        Assert.Equal(["field", "sea", "wood"], recipe.Data.ClassNames);
        Assert.Equal(RecipeVariation.Labelled(Short, 3).Evaluation.Guidance, recipe.Evaluation.Guidance);
        // Without the option the images are the same, and it is said that they have classes.
        (code, error) = Train(place, Path.Combine(place.Path, "other"));
        Assert.Equal(ExitCode.Success, code);
        Assert.Contains("the classes are not used; --labels trains a class-conditional model", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sheet_shows_each_of_many_classes_where_a_short_run_draws_so_many()
    {
        using var place = new TemporaryFolder();
        for (var image = 0; image < 70; image++)
            File.WriteAllBytes(place[$"photos/kind {image:00}/1.png"], Encoded.AsPng(Encoded.Plain(8, 8, (byte)image, 0, 255)));
        var evaluation = Short.Evaluation with { Samples = 256, FinalSamples = 256, FullSamplesFrom = 1000 };
        File.WriteAllText(place["short.json"],
            RecipeText.Write(Short with { Evaluation = evaluation, Length = Short.Length with { Steps = 1 } }));
        var (code, error) = Train(place, Path.Combine(place.Path, "run"), "--labels");
        Assert.True(code == ExitCode.Success, error);
        foreach (var sheet in new[] { "data.png", "samples-step-000001.png" })
        {
            var image = ImageDecoder.Decode(sheet, File.ReadAllBytes(place[$"run/{sheet}"]));
            Assert.InRange(image.Width / (double)image.Height, 0.5, 2);
        }
    }

    [Fact]
    public void Labels_of_images_that_have_none_are_refused()
    {
        using var place = new TemporaryFolder();
        File.WriteAllBytes(place["photos/1.png"], Encoded.AsPng(Encoded.Plain(8, 8, 0, 0, 255)));
        File.WriteAllBytes(place["photos/2.png"], Encoded.AsPng(Encoded.Plain(8, 8, 0, 9, 255)));
        var (code, error) = Train(place, Path.Combine(place.Path, "run"), "--labels");
        Assert.Equal(ExitCode.Failure, code);
        Assert.Contains("--labels: found images of one class; expected a subfolder for each class, or labels in labels.csv or dataset.json",
            error, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_of_a_data_set_make_the_recipe_that_has_them()
    {
        var (options, machine) = (new TrainOptions { Labels = ImageLabels.Conditional }, new Machine(TorchSharp.torch.CPU, 1));
        using var digits = Dataset.Mnist.Sample();
        Recipe Asked(string name) => RunSetup.NewRecipe(new RecipeSource.BuiltIn(name), options, machine, digits.Train.Provenance);
        Assert.Equal(BuiltInRecipes.Mnist.Quick, Asked("mnist"));
        Assert.Equal(BuiltInRecipes.MnistCfg.Quick, Asked("mnist-cfg"));
        Assert.Equal(RecipeVariation.Labelled(BuiltInRecipes.MnistDdpm.Quick, 10), Asked("mnist-ddpm"));
        Assert.Contains("a classifier, which learns the labels",
            Assert.Throws<InputException>(() => Asked("mnist-classifier")).Message, StringComparison.Ordinal);
        Assert.Equal("--size: found 64; expected nothing: the images of MNIST are 28×28; "
            + "only your own are scaled (--set data.set=folder --data PLACE).",
            Assert.Throws<InputException>(() => RunSetup.NewRecipe(
                new RecipeSource.BuiltIn("mnist"), new() { Size = new(64, 64) }, machine)).Message);
    }

    [Fact]
    public void A_run_can_be_repeated_in_another_size_and_with_labels_from_its_recipe_alone()
    {
        using var place = new TemporaryFolder();
        foreach (var name in new[] { "sea/1", "wood/1" })
            File.WriteAllBytes(place[$"photos/{name}.png"], Encoded.AsPng(Encoded.Plain(24, 16, 9, 0, 255)));
        var run = Path.Combine(place.Path, "run");
        Assert.Equal(ExitCode.Success, Train(place, run).Code);
        // The run remembers where its images are.
        var (code, error) = TrainRecipe(Path.Combine(run, "recipe.json"), Path.Combine(place.Path, "again"));
        Assert.True(code == ExitCode.Success, error);
        Assert.Equal(ReportTable.Read(Path.Combine(run, "report.csv")).Under(["loss"]).Rows.Select(row => row[0]),
            ReportTable.Read(Path.Combine(place.Path, "again", "report.csv")).Under(["loss"]).Rows.Select(row => row[0]));
        (code, error) = TrainRecipe(Path.Combine(run, "recipe.json"), Path.Combine(place.Path, "larger"), "--size", "16", "--labels");
        Assert.True(code == ExitCode.Success, error);
        Assert.Contains("Data: 2 images of 3×16×16", error, StringComparison.Ordinal);
        Directory.Move(place["photos"], place["elsewhere"]);
        (code, error) = TrainRecipe(Path.Combine(run, "recipe.json"), Path.Combine(place.Path, "gone"));
        Assert.Equal(ExitCode.Failure, code);
        Assert.Contains("--data DIR", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_are_cut_to_any_proportions_and_the_model_samples_in_them()
    {
        using var place = new TemporaryFolder();
        File.WriteAllBytes(place["photos/one.png"], Encoded.AsPng(Encoded.Plain(40, 20, 0, 0, 255)));
        File.WriteAllBytes(place["photos/two.jpg"], Encoded.AsJpeg(Encoded.Plain(24, 33, 0, 255, 0)));
        var run = Path.Combine(place.Path, "run");
        var (code, error) = Train(place, run, "--size", "8x12");
        Assert.True(code == ExitCode.Success, error);
        Assert.Contains($"Data: 2 images of 3×8×12 from {place["photos"]}, cut to the centre in these proportions and reduced to "
            + "12×8 from files of 24×33 to 40×20; 1 class.", error, StringComparison.Ordinal);
        var data = RecipeFile.Read(Path.Combine(run, "recipe.json")).Data;
        Assert.Equal((8, 12), (data.Size, data.Width));
        using (var model = Diffusion.Model.Checkpoints.TrainedModel.Open(run, TorchSharp.torch.CPU, Assert.Fail))
            Assert.Equal(new(3, 8, 12), model.Shape);
        (code, error) = TrainRecipe(Path.Combine(run, "recipe.json"), Path.Combine(place.Path, "square"), "--size", "8");
        Assert.True(code == ExitCode.Success, error);
        Assert.Contains("Data: 2 images of 3×8×8", error, StringComparison.Ordinal);
        (code, error) = TrainRecipe(Path.Combine(run, "recipe.json"), Path.Combine(place.Path, "no"), "--size", "8x0");
        Assert.Contains("--size: 8x0 is not a size such as 64, or height and width such as 48x64", error, StringComparison.Ordinal);
        (_, error) = TrainRecipe(Path.Combine(run, "recipe.json"), Path.Combine(place.Path, "no"), "--set", "data.size=null");
        Assert.Contains("data: a width without a height", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_are_trained_on_in_grey_where_that_is_asked_for()
    {
        using var place = new TemporaryFolder();
        File.WriteAllBytes(place["photos/one.png"], Encoded.AsPng(Encoded.Plain(8, 8, 0, 0, 255)));
        File.WriteAllBytes(place["photos/two.png"], Encoded.AsPng(Encoded.Plain(8, 8, 0, 255, 0)));
        var (code, error) = Train(place, Path.Combine(place.Path, "run"), "--channels", "grey");
        Assert.True(code == ExitCode.Success, error);
        Assert.Contains("Data: 2 images of 1×8×8", error, StringComparison.Ordinal);
        Assert.Equal("--channels: found rgb; expected nothing: the images of MNIST have 1 channel.", Assert.Throws<InputException>(
            () => ImageOptions.Coloured(BuiltInRecipes.Mnist.Quick, ImageChannels.Colour)).Message);
        var learned = BuiltInRecipes.Folder.Quick with { Network = BuiltInRecipes.Folder.Quick.Network with { OutputChannels = 6 } };
        Assert.Equal((1, 2), ImageOptions.Coloured(learned, ImageChannels.Grey).Network is var grey
            ? (grey.InputChannels, grey.OutputChannels) : default);
    }

    [Fact]
    public void Where_all_images_are_grey_a_model_has_one_channel_unless_three_are_asked_for()
    {
        using var place = new TemporaryFolder();
        foreach (var shade in new byte[] { 40, 120, 200 })
            File.WriteAllBytes(place[$"photos/{shade}.png"], Encoded.AsPng(Encoded.Plain(8, 8, shade, shade, shade)));
        string Asked(params string[] more) => Dry([place["photos"], .. more]);
        var grey = Asked();
        Assert.Contains("all images are grey: the model has one channel; --channels rgb gives it three", grey, StringComparison.Ordinal);
        Assert.Contains("Data: 3 images of 1×8×8", grey, StringComparison.Ordinal);
        Assert.Contains("Data: 3 images of 3×8×8", Asked("--channels", "rgb"), StringComparison.Ordinal);
        File.WriteAllBytes(place["photos/sea.png"], Encoded.AsPng(Encoded.Plain(8, 8, 1, 2, 3)));
        Assert.Contains("Data: 4 images of 3×8×8", Asked(), StringComparison.Ordinal);

        static string Dry(string[] words)
        {
            using var said = new StringWriter();
            string[] all =
            [
                "train", "folder", "--dry-run", "--size", "8", "--steps", "1", "--batch", "2", "--samples", "2", "--device", "cpu",
                "--threads", "1", "--set", "precision=float32", "--data", .. words,
            ];
            Assert.Equal(ExitCode.Success, CommandLineApp.Run(all, new(said, said, Display.Plain), CancellationToken.None));
            return said.ToString();
        }
    }

    [Fact]
    public void A_recipe_of_a_data_set_is_taken_for_images_of_ones_own_in_their_size()
    {
        using var place = new TemporaryFolder();
        File.WriteAllBytes(place["photos/one.png"], Encoded.AsPng(Encoded.Plain(8, 8, 0, 0, 255)));
        File.WriteAllBytes(place["photos/two.png"], Encoded.AsPng(Encoded.Plain(8, 8, 0, 255, 0)));
        using var said = new StringWriter();
        string[] words =
        [
            "train", "cifar10-ddpm", "--set", "data.set=folder", "--data", place["photos"], "--size", "16", "--channels", "grey",
            "--dry-run", "--preset", "quick", "--steps", "1", "--batch", "2", "--samples", "2", "--device", "cpu", "--threads", "1",
            "--set", "precision=float32",
        ];
        var code = CommandLineApp.Run(words, new(said, said, Display.Plain), CancellationToken.None);
        Assert.True(code == ExitCode.Success, said.ToString());
        Assert.Contains("Data: 2 images of 1×16×16", said.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Transparency_lies_over_the_colour_that_is_asked_for_and_the_recipe_keeps_it()
    {
        using var place = new TemporaryFolder();
        byte[] row = [0, .. Enumerable.Repeat<byte[]>([200, 100, 50, 0], 8).SelectMany(pixel => pixel)];
        File.WriteAllBytes(place["photos/one.png"], Encoded.AsPng(8, 8, 6, [.. Enumerable.Repeat(row, 8).SelectMany(bytes => bytes)]));
        File.WriteAllBytes(place["photos/two.png"], Encoded.AsPng(Encoded.Plain(8, 8, 0, 255, 0)));
        var run = Path.Combine(place.Path, "run");
        var (code, error) = Train(place, run, "--background", "#102030");
        Assert.True(code == ExitCode.Success, error);
        Assert.Contains("1 with transparency, composited on #102030", error, StringComparison.Ordinal);
        Assert.Equal("#102030", RecipeFile.Read(Path.Combine(run, "recipe.json")).Data.Background);
        // The run knows its images by their hash, which the colour is part of.
        (code, error) = TrainRecipe(Path.Combine(run, "recipe.json"), Path.Combine(place.Path, "again"));
        Assert.True(code == ExitCode.Success, error);
        (code, error) = TrainRecipe(Path.Combine(run, "recipe.json"), Path.Combine(place.Path, "white"), "--background", "white");
        Assert.True(code == ExitCode.Success, error);
        Assert.Null(RecipeFile.Read(Path.Combine(place.Path, "white", "recipe.json")).Data.Background);
        Assert.Contains("--background: blue is not white, black, or a colour such as #ff8000",
            Train(place, run, "--background", "blue").Error, StringComparison.Ordinal);
        Assert.Equal("--background: found black; expected nothing: the images of MNIST are opaque.", Assert.Throws<InputException>(
            () => ImageOptions.Over(BuiltInRecipes.Mnist.Quick, default)).Message);
        Assert.Throws<ArgumentException>(() => Short.Data with { Background = "#12" });
    }

    [Fact]
    public void A_run_of_oblong_images_is_sampled_in_their_size_without_an_option()
    {
        using var place = new TemporaryFolder();
        File.WriteAllBytes(place["photos/one.png"], Encoded.AsPng(Encoded.Plain(12, 8, 0, 0, 255)));
        File.WriteAllBytes(place["photos/two.png"], Encoded.AsPng(Encoded.Plain(12, 8, 0, 255, 0)));
        File.WriteAllText(place["short.json"],
            RecipeText.Write(Short with { Data = Short.Data with { Size = null }, Length = Short.Length with { Steps = 1 } }));
        var run = Path.Combine(place.Path, "run");
        Assert.Equal(ExitCode.Success, Run("train", place["short.json"], "--data", place["photos"], "--out", run, "--threads", "1"));
        Assert.Equal(new(8, 12), RecipeFile.Read(Path.Combine(run, "recipe.json")).Data.Found);
        Assert.Equal(ExitCode.Success, Run("sample", run, "--count", "2", "-o", place["samples.npz"], "--threads", "1"));
        // Sizes that were found are no wish to cut: the run goes on with the images as they are.
        Assert.Equal(ExitCode.Success, Run("train", "--resume", run, "--data", place["photos"], "--steps", "2", "--threads", "1"));

        static ExitCode Run(params string[] words) =>
            CommandLineApp.Run(words, new(TextWriter.Null, TextWriter.Null, Display.Plain), CancellationToken.None);
    }

    [Fact]
    public void Damaged_images_end_a_run_before_its_first_step_unless_they_are_left_out()
    {
        using var place = new TemporaryFolder();
        for (var image = 0; image < 3; image++)
            File.WriteAllBytes(place[$"photos/{image}.png"], Encoded.AsPng(Encoded.Plain(8, 8, (byte)image, 0, 0)));
        File.WriteAllBytes(place["photos/cut.png"], Encoded.AsPng(Encoded.Plain(8, 8, 9, 9, 9))[..50]);
        var run = Path.Combine(place.Path, "run");
        var (code, error) = Train(place, run);
        Assert.Equal(ExitCode.Failure, code);
        Assert.Contains("photos(cut.png): found a damaged image", error, StringComparison.Ordinal);
        Assert.Contains("--skip-bad", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(run));
        (code, error) = Train(place, run, "--skip-bad");
        Assert.Equal(ExitCode.Success, code);
        Assert.Contains(
            $"Data: 3 images of 3×8×8 from {place["photos"]}; 1 class. 3 of 4 files; left out: 1 that cannot be decoded (cut.png).",
            error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_of_one_channel_sees_grey_images()
    {
        using var place = new TemporaryFolder();
        File.WriteAllBytes(place["photos/a.png"], Encoded.AsPng(Encoded.Plain(8, 8, 7, 7, 7)));
        File.WriteAllBytes(place["photos/b.png"], Encoded.AsPng(Encoded.Plain(8, 8, 200, 100, 50)));
        var (code, error) = Train(
            place, Path.Combine(place.Path, "run"), "--set", "network.inputChannels=1", "--set", "network.outputChannels=1");
        Assert.Equal(ExitCode.Success, code);
        Assert.Contains("Data: 2 images of 1×8×8", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_channels_than_the_images_have_are_refused_in_one_line()
    {
        using var place = new TemporaryFolder();
        File.WriteAllBytes(place["photos/a.png"], Encoded.AsPng(Encoded.Plain(32, 32, 7, 7, 7)));
        var (code, error) = (0, new StringWriter());
        foreach (var words in new[] { $"train folder --data {place["photos"]} --set network.inputChannels=2",
            "mnist --no-download --set network.inputChannels=3" })
            code += (int)CommandLineApp.Run([.. words.Split(' '), "--threads", "1", "--out", place["run"]],
                new(TextWriter.Null, error, Display.Plain), CancellationToken.None);
        Assert.Equal(2 * (int)ExitCode.Failure, code);
        Assert.Contains("network.inputChannels: found 2; expected 3, as the images have", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("network.inputChannels: found 3; expected 1, as the images have", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void One_image_can_be_trained_on()
    {
        using var place = new TemporaryFolder();
        File.WriteAllBytes(place["photos/a.png"], Encoded.AsPng(Encoded.Plain(32, 32, 7, 70, 200)));
        File.WriteAllText(place["short.json"], RecipeText.Write(Short with { Data = Short.Data with { Size = 32 } }));
        var (code, error) = Train(place, Path.Combine(place.Path, "run"));
        Assert.Equal(ExitCode.Success, code);
        Assert.Contains("1 image, for which there is no FID,", error, StringComparison.Ordinal);
    }

    private static (ExitCode Code, string Error) Train(TemporaryFolder place, string run, params string[] more)
    {
        if (!File.Exists(place["short.json"]))
            File.WriteAllText(place["short.json"], RecipeText.Write(Short));
        return TrainRecipe(place["short.json"], run, ["--data", place["photos"], .. more]);
    }

    private static (ExitCode Code, string Error) TrainRecipe(string recipe, string run, params string[] more)
    {
        var error = new StringWriter();
        var code = CommandLineApp.Run(
            ["train", recipe, "--out", run, "--threads", "1", .. more], new(TextWriter.Null, error, Display.Plain), CancellationToken.None);
        return (code, error.ToString());
    }
}
