using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Specs.Host;

namespace Diffusion.Specs.Data;

/// <summary>What is said of a set of images before a model is trained on it.</summary>
public sealed class DatasetCheckSpecs : IDisposable
{
    private readonly TemporaryFolder _place = new();

    private string Photos => Path.Combine(_place.Path, "photos");

    public void Dispose() => _place.Dispose();

    [Fact]
    public void A_clean_set_has_no_faults()
    {
        foreach (var number in Enumerable.Range(0, 12))
            Add($"{(number % 2 == 0 ? "even" : "odd")}/{number}.png", Scene(number));
        var found = DatasetCheck.Of(Photos, null);
        Assert.False(found.HasFaults);
        Assert.Empty(found.Broken);
        Assert.Empty(found.Doubles);
        Assert.Empty(found.Near);
        Assert.Empty(found.Odd);
        var part = Assert.Single(found.Parts);
        Assert.Equal([("even", 6), ("odd", 6)], part.Classes);
        Assert.Equal([(new ImageSize(24, 32), 12)], found.Sizes);
    }

    [Fact]
    public void Broken_images_are_counted_and_named_with_their_reason()
    {
        Add("whole.png", Scene(1));
        File.WriteAllBytes(_place["photos/cut.png"], Encoded.AsPng(Scene(2))[..^60]);
        File.WriteAllText(_place["photos/text.jpg"], "no image");
        File.WriteAllBytes(_place["photos/old.jp2"], [0]);
        var found = DatasetCheck.Of(Photos, null);
        Assert.Equal(["cut.png", "text.jpg"], found.Broken.Select(fault => fault.Name));
        Assert.Contains("a damaged image", found.Broken[0].Reason, StringComparison.Ordinal);
        Assert.Contains("1 .jp2, a format that is not read", Assert.Single(found.Parts).LeftOut);
        Assert.True(found.HasFaults);
    }

    [Fact]
    public void Equal_pixels_are_double_whatever_the_format_and_labels_that_differ_are_a_fault()
    {
        Add("sea/a.png", Scene(1));
        File.WriteAllBytes(_place["photos/sea/b.bmp"], Encoded.AsBmp(Scene(1)));
        Add("sky/c.png", Scene(1));
        Add("sky/d.png", Scene(2));
        var group = Assert.Single(DatasetCheck.Of(Photos, null).Doubles);
        Assert.Equal(["sea/a.png", "sea/b.bmp", "sky/c.png"], group.Names);
        Assert.True(group is { IsOfSeveralClasses: true, IsAcrossParts: false });
    }

    [Fact]
    public void Images_that_were_encoded_or_scaled_anew_are_nearly_double_and_others_are_not()
    {
        foreach (var number in Enumerable.Range(0, 10))
            Add($"{number}.png", Scene(number));
        File.WriteAllBytes(_place["photos/again.jpg"], Encoded.AsJpeg(Scene(3)));
        Add("small.png", Resampling.Resize(Scene(5), 20, 15));
        var found = DatasetCheck.Of(Photos, null);
        Assert.Equal([("3.png", "again.jpg"), ("5.png", "small.png")],
            found.Near.Select(pair => (pair.Names[0], pair.Names[1])).Order());
        Assert.True(found.NearIsComplete);
        Assert.False(found.HasFaults);
    }

    [Fact]
    public void What_training_and_test_images_share_is_found_in_one_place_and_between_two()
    {
        foreach (var number in Enumerable.Range(0, 4))
            Add($"train/a/{number}.png", Scene(number));
        Add("test/a/same.png", Scene(2));
        Add("test/a/other.png", Scene(9));
        var found = DatasetCheck.Of(Photos, null);
        Assert.Equal(["train", "test"], found.Parts.Select(part => part.Name));
        Assert.Equal(["train/a/2.png", "test/a/same.png"], Assert.Single(found.Doubles, group => group.IsAcrossParts).Names);
        Assert.True(found.HasFaults);
        var held = Path.Combine(_place.Path, "held");
        File.WriteAllBytes(_place["held/x.png"], Encoded.AsPng(Scene(1)));
        Assert.Equal(["train/a/1.png", "x.png"], Assert.Single(DatasetCheck.Of(Photos, held).Doubles).Names);
    }

    [Fact]
    public void Odd_images_are_named_by_what_is_odd()
    {
        Add("colour.png", Scene(1));
        Add("black.png", Encoded.Plain(16, 16, 0, 0, 0));
        Add("long.png", Resampling.Resize(Scene(2), 90, 12));
        Add("tiny.png", Resampling.Resize(Scene(3), 6, 6));
        var grey = Scene(4);
        Add("grey.png", new(grey.Width, grey.Height, [.. grey.Rgb.Chunk(3).SelectMany(pixel => Enumerable.Repeat(pixel[0], 3))]));
        var odd = DatasetCheck.Of(Photos, null).Odd.ToDictionary(kind => kind.Kind, kind => string.Join(' ', kind.Names));
        Assert.Equal("black.png", odd["of a single colour"]);
        Assert.Equal("grey.png", odd["grey among coloured ones"]);
        Assert.Equal("long.png", odd["more than 4 times as long as broad"]);
        Assert.Equal("tiny.png", odd["smaller than 8 pixels"]);
    }

    [Fact]
    public void Labels_that_cannot_be_read_are_a_fault_and_the_images_are_checked_all_the_same()
    {
        Add("a.png", Scene(1));
        File.WriteAllText(_place["photos/dataset.json"], """{"labels": [["b.png", 0]]}""");
        var found = DatasetCheck.Of(Photos, null);
        Assert.Contains("no label of 1 of 1 image", Assert.Single(found.Parts).LabelFault, StringComparison.Ordinal);
        Assert.True(found.HasFaults);
    }

    [Fact]
    public void The_command_says_it_in_lines_lists_everything_in_json_and_fails_where_something_is_to_be_mended()
    {
        Add("a.png", Scene(1));
        Add("b.png", Scene(2));
        var (code, output) = Run("data", "check", Photos);
        Assert.Equal((ExitCode.Success, "train      2 images; 1 class\nsizes      32×24 (2); 2 are not square\nbroken     none\n"
            + "double     none\nnearly     none\n"), (code, output));
        File.WriteAllText(_place["photos/c.png"], "no image");
        (code, output) = Run("data", "check", Photos, "--json");
        Assert.Equal(ExitCode.Failure, code);
        Assert.Equal("c.png", (string?)JsonNode.Parse(output)!["broken"]![0]!["name"]);
        Assert.Equal(ExitCode.Failure, Run("data", "check", Path.Combine(_place.Path, "nowhere")).Code);
    }

    [Fact]
    public void A_data_set_is_checked_by_its_name()
    {
        var (code, output) = Run("data", "check", "mnist", "--offline", "--data", Digits());
        Assert.StartsWith("train      40 images; 10 classes\n", output, StringComparison.Ordinal);
        Assert.Contains("sizes      28×28 (60)\n", output, StringComparison.Ordinal);
        Assert.NotEqual(ExitCode.Interrupted, code);
    }

    private string Digits()
    {
        OfficialFiles.Write(Dataset.Mnist, Path.GetDirectoryName(_place["digits/any"])!, 40, 20);
        return Path.Combine(_place.Path, "digits");
    }

    private void Add(string name, RgbImage image) => File.WriteAllBytes(_place[$"photos/{name}"], Encoded.AsPng(image));

    private static (ExitCode Code, string Output) Run(params string[] words)
    {
        var output = new StringWriter { NewLine = "\n" };
        return (CommandLineApp.Run(words, new(output, TextWriter.Null, Display.Plain), CancellationToken.None), output.ToString());
    }

    // Smooth and different for every number, as photographs of different things are.
    private static RgbImage Scene(int number)
    {
        var (random, rgb) = (new Random(number), new byte[3 * 32 * 24]);
        double Any(double most) => most * random.NextDouble();
        var waves = Enumerable.Range(0, 5).Select(_ => (X: Any(6) - 3, Y: Any(6) - 3, Phase: Any(6), Hue: Any(1))).ToArray();
        for (var y = 0; y < 24; y++)
            for (var x = 0; x < 32; x++)
                for (var channel = 0; channel < 3; channel++)
                    rgb[3 * (y * 32 + x) + channel] = (byte)(128 + 25 * waves.Sum(wave =>
                        Sin(wave.X * x / 6 + wave.Y * y / 6 + wave.Phase + channel * wave.Hue)));
        return new(32, 24, rgb);
    }
}
