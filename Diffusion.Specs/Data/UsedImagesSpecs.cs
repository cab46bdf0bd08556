using System.Diagnostics;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Specs.Host;
using TorchSharp;
using static Diffusion.Specs.Data.Encoded;

namespace Diffusion.Specs.Data;

/// <summary>Which files of a folder become images of a set, under which labels, and what is said of the others.</summary>
public sealed class UsedImagesSpecs : IDisposable
{
    private static readonly ImageLoading AsTheyAre = new(Split.Train, new ImageFit.Unchanged(), ImageLoading.DefaultMemory);
    private static readonly ImageLoading Streamed = AsTheyAre with { Memory = 0 };
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private void Write(string name, byte red = 1) => File.WriteAllBytes(_folder[name], AsPng(Plain(4, 4, red, 2, 3)));

    private void WriteCut(string name) => File.WriteAllBytes(_folder[name], AsPng(Plain(4, 4, 1, 2, 3))[..50]);

    private Provenance Opened(ImageLoading? loading = null)
    {
        using var set = ImageFolder.Open(_folder.Path, loading ?? AsTheyAre);
        return set.Provenance;
    }

    private string Refusal(ImageLoading? loading = null)
    {
        var message = Assert.Throws<InputException>(() => Opened(loading)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    [Fact]
    public void A_single_folder_around_all_others_is_looked_through()
    {
        foreach (var name in new[] { "all/train/bus/0", "all/train/car/0", "all/test/bus/1" })
            Write($"{name}.png");
        Assert.Equal(["bus", "car"], Opened().Description.ClassNames);
        using var former = ImageFolder.Open(_folder.Path, AsTheyAre with { Outer = OuterFolder.Class });
        Assert.Equal((["all"], 3), (former.Provenance.Description.ClassNames, former.Provenance.Count));
        // With an image of its own it is a class.
        Write("all/2.png");
        Assert.Equal(["all"], Opened().Description.ClassNames);
    }

    [Fact]
    public void A_class_called_train_hides_no_other()
    {
        foreach (var vehicle in new[] { "bus", "car", "train", "tram", "test" })
            Write($"{vehicle}/0.png");
        Assert.Equal(["bus", "car", "test", "train", "tram"], Opened().Description.ClassNames);
        Assert.Equal("5 classes from subfolders: bus 1, car 1, test 1, train 1, tram 1", Opened().Description.LabelSource);
        Assert.Equal("", Opened().Description.LeftOut);
        Assert.Contains("no image in test/ (5 outside test/); the folders bus, car, test, train, tram are classes",
            Refusal(AsTheyAre with { Split = Split.Test }));
    }

    [Fact]
    public void Folders_that_are_all_called_like_parts_are_parts_and_what_is_outside_is_counted()
    {
        Write("train/cat/0.png");
        Write("train/dog/0.png");
        Write("test/cat/0.png");
        Write("val/cat/0.png");
        Write("cover.png");
        Assert.Equal(["cat", "dog"], Opened().Description.ClassNames);
        Assert.Equal("2 of 5 files; left out: 3 outside train/", Opened().Description.LeftOut);
        Assert.Equal(1, Opened(AsTheyAre with { Split = Split.Test }).Count);
    }

    [Fact]
    public void What_can_be_decoded_is_used_under_all_its_endings_and_the_rest_is_counted()
    {
        var (jpeg, gif) = (AsJpeg(Plain(4, 4, 1, 2, 3)), Convert.FromBase64String("R0lGODlhBAAEAIAAAP///wAAACwAAAAABAAEAAACBISPCQUAOw=="));
        Write("a.png");
        foreach (var ending in new[] { "jpg", "JPEG", "jfif", "jpe" })
            File.WriteAllBytes(_folder[$"b.{ending}"], jpeg);
        File.WriteAllBytes(_folder["c.gif"], gif);
        foreach (var other in new[] { "d.jp2", "e.JP2", "f.heic", "notes.txt", ".hidden.txt", "none" })
            File.WriteAllBytes(_folder[other], [1]);
        var used = Opened();
        Assert.Equal(6, used.Count);
        Assert.Equal("6 of 11 files; left out: 1 .heic, a format that is not read; 2 .jp2, a format that is not read; 2 no image",
            used.Description.LeftOut);
        Assert.Contains(used.Description.LeftOut, used.ToString());
    }

    [Fact]
    public void Where_nothing_can_be_read_it_is_said_what_is_there()
    {
        File.WriteAllBytes(_folder["a.psd"], [1]);
        Assert.Contains("found no image (1 .psd, a format that is not read); expected files ending in .png", Refusal());
    }

    [UnixFact]
    public void Every_image_is_used_once_whatever_links_lead_to_it()
    {
        using var elsewhere = new TemporaryFolder();
        File.WriteAllBytes(elsewhere["more/far.png"], AsPng(Plain(4, 4, 9, 2, 3)));
        Write("a/0.png");
        Directory.CreateSymbolicLink(_folder["a/loop"], "..");
        Directory.CreateSymbolicLink(_folder["b"], "a");
        File.CreateSymbolicLink(_folder["a/same.png"], "0.png");
        File.CreateSymbolicLink(_folder["c.png"], _folder["a/0.png"]);
        Directory.CreateSymbolicLink(_folder["d"], elsewhere["more"]);
        Directory.CreateSymbolicLink(_folder["e"], elsewhere["more"]);
        File.CreateSymbolicLink(_folder["f.png"], elsewhere["more/far.png"]);
        Directory.CreateSymbolicLink(elsewhere["more/back"], _folder.Path);
        Directory.CreateSymbolicLink(elsewhere["more/itself"], "itself");
        var used = Opened();
        Assert.Equal(2, used.Count);
        Assert.Equal(["a", "d"], used.Description.ClassNames);
        // loop, b, same, c, e, f and back; what leads nowhere is no image.
        Assert.Contains("7 linked or named a second time", used.Description.LeftOut);
    }

    [UnixFact]
    public void Links_to_images_elsewhere_are_images()
    {
        using var elsewhere = new TemporaryFolder();
        File.WriteAllBytes(elsewhere["x.png"], AsPng(Plain(4, 4, 9, 2, 3)));
        File.CreateSymbolicLink(_folder["cat/1.png"], elsewhere["x.png"]);
        Assert.Equal(1, Opened().Count);
        File.CreateSymbolicLink(_folder["cat/2.png"], elsewhere["gone.png"]);
        Assert.Contains("(cat/2.png): found a link to nothing", Refusal());
        Assert.Contains("1 that cannot be decoded (cat/2.png)", Opened(AsTheyAre with { Bad = BadImages.Skipped }).Description.LeftOut);
    }

    [UnixFact]
    public void Pipes_and_devices_are_refused_at_once_and_never_opened()
    {
        Write("a.png");
        Run($"mkfifo '{_folder["b.png"]}' '{_folder["notes.txt"]}' '{_folder["data.zip"]}' '{_folder["t10k-images-idx3-ubyte"]}' " +
            $"'{_folder["data_batch_1.bin"]}'");
        File.CreateSymbolicLink(_folder["c.png"], "/dev/zero");
        File.CreateSymbolicLink(_folder["d.png"], "b.png");
        Assert.Contains("3 of 4 images unusable (b.png, c.png, d.png)", Refusal());
        Assert.Contains("of the first: found a named pipe", Refusal());
        Assert.Contains(
            "3 that cannot be decoded (b.png, c.png, d.png)", Opened(AsTheyAre with { Bad = BadImages.Skipped }).Description.LeftOut);
        string Of(Action open) => Assert.Throws<InputException>(open).Message;
        Assert.Contains("data.zip: found a named pipe", Of(() => ImageArchive.Open(_folder["data.zip"], AsTheyAre)));
        Assert.Contains("d.png: found a named pipe", Of(() => ImageFile.Open(_folder["d.png"], AsTheyAre)));
        Assert.Contains("found a named pipe", Of(() => Dataset.Cifar10.Read(_folder.Path, Split.Train)));
        Assert.Contains("found a named pipe", Of(() => Model.Formats.Numpy.Npz.Open(_folder["data.zip"])));
        File.WriteAllBytes(_folder["t10k-labels-idx1-ubyte"], [0, 0, 8, 1]);
        Assert.Contains("found a named pipe", Of(() => Dataset.Mnist.Read(_folder.Path, Split.Test)));
        File.Delete(_folder["b.png"]);
        File.Delete(_folder["d.png"]);
        Assert.Contains("(c.png): found a device", Refusal());
    }

    [UnixFact]
    public void A_name_that_is_no_UTF_8_or_holds_a_backslash_is_not_blamed_on_the_folder()
    {
        Write("a.png");
        Write(@"b\c.png");
        Assert.Equal(2, Opened().Count);
        Run($"cp '{_folder["a.png"]}' \"$(printf '{_folder.Path}/x\\377.png')\"");
        Assert.Contains("): found a name that is not UTF-8", Refusal());
        Assert.Contains(
            "2 of 3 files; left out: 1 that cannot be decoded", Opened(AsTheyAre with { Bad = BadImages.Skipped }).Description.LeftOut);
        Run($"mkdir \"$(printf '{_folder.Path}/y\\377')\"");
        Assert.Contains("found a folder with a name that is not UTF-8; expected one that can be written: rename it", Refusal());
        // .NET cannot delete what it cannot name.
        Run($"rm -r '{_folder.Path}'/*");
    }

    [Fact]
    public void Labels_come_from_a_dataset_json_where_there_is_one()
    {
        Write("00000/a.png", 10);
        Write("00000/b.png", 20);
        Write("00001/c.png", 30);
        File.WriteAllText(
            _folder["dataset.json"], """{"labels": [["00000/b.png", 4], ["00000/a.png", 2], ["00001/c.png", 0], ["00001/gone.png", 7]]}""");
        using var set = Assert.IsType<ImageSet>(ImageFolder.Open(_folder.Path, AsTheyAre));
        Assert.Equal([2, 4, 0], set.Labels.data<long>().ToArray());
        Assert.Equal(["0", "1", "2", "3", "4"], set.Provenance.Description.ClassNames);
        Assert.Equal("5 classes from dataset.json, 0 to 1 images each, which labels 1 more that are not used",
            set.Provenance.Description.LabelSource);
        Assert.Equal("", set.Provenance.Description.LeftOut);
        var streamed = Opened(Streamed).Sha256;
        File.WriteAllText(_folder["dataset.json"], """{"labels": [["00000/b.png", 3], ["00000/a.png", 2], ["00001/c.png", 0]]}""");
        Assert.NotEqual(streamed, Opened(Streamed).Sha256);
        File.WriteAllText(_folder["dataset.json"], "\uFEFF{\"labels\": null}");
        Assert.Equal("no labels, as dataset.json says", Opened().Description.LabelSource);
        Assert.Single(Opened().Description.ClassNames);
        File.WriteAllText(_folder["dataset.json"], """{"images": []}""");
        Assert.Equal(["00000", "00001"], Opened().Description.ClassNames);
        Assert.Equal("", Opened().Description.LeftOut);
    }

    [Theory]
    [InlineData("file_name,label\na/0.png,sea\na/1.png,wood\n", "sea wood", "0 1")]
    [InlineData("\uFEFFid;size;Class\r\na/1;3;\"wo\"\"od;\"\r\n\r\n./a/0;4;sea", "sea wo\"od;", "0 1")]
    [InlineData("a/0.png\t3\na\\1.png\t1", "0 1 2 3", "3 1")]
    [InlineData("image,label\n\"a/1.png\",x\n\"a/0.png\",y\na/gone.png,x", "x y", "1 0")]
    public void Labels_come_from_a_table_where_there_is_one(string table, string classes, string labels)
    {
        Write("a/0.png", 10);
        Write("a/1.png", 20);
        File.WriteAllText(_folder["labels.csv"], table);
        using var set = Assert.IsType<ImageSet>(ImageFolder.Open(_folder.Path, AsTheyAre));
        Assert.Equal(classes.Split(' '), set.Provenance.Description.ClassNames);
        Assert.Equal(labels, string.Join(' ', set.Labels.data<long>().ToArray()));
        Assert.Contains("classes from labels.csv", set.Provenance.Description.LabelSource, StringComparison.Ordinal);
        Assert.Equal("", set.Provenance.Description.LeftOut);
        var streamed = Opened(Streamed).Sha256;
        File.WriteAllText(_folder["labels.csv"], "a/0,7\na/1,5");
        Assert.NotEqual(streamed, Opened(Streamed).Sha256);
    }

    [Fact]
    public void A_table_of_other_facts_is_no_table_of_labels()
    {
        Write("a/0.png", 10);
        Write("b/1.png", 20);
        File.WriteAllText(_folder["metadata.csv"], "file_name,text\na/0.png,a red square");
        Assert.Equal(["a", "b"], Opened().Description.ClassNames);
        File.WriteAllText(_folder["metadata.csv"], "file_name,label\na/0.png,red\nb/1.png,blue");
        Assert.Equal(["blue", "red"], Opened().Description.ClassNames);
    }

    [Theory]
    [InlineData("", "an empty table")]
    [InlineData("a,b,c\n0,1,2", "the columns a, b, c; expected a column of file names and one called label or class")]
    [InlineData("name,label\n0,x", "no label of 1 of 2 images (1.png)")]
    [InlineData("name,label\n0,x\n1", "1 field in line 3; expected at least 2")]
    [InlineData("name,label\n0,x\n1,", "no label in line 3")]
    [InlineData("name,label\n0,x\n1,y\n0.png,z", "two labels of 0.png")]
    [InlineData("name,label\n0,\"x\n1,y", "a quotation mark in line 2 that is not closed")]
    [InlineData("name,label\n0,\"x\"y\n", "text behind a closed quotation mark in line 2")]
    [InlineData("name,label\n0,4\n1,9999", "the label 9999; expected labels below 1000 for 2 images")]
    public void A_table_that_does_not_say_the_label_of_every_image_is_refused(string text, string says)
    {
        Write("0.png");
        Write("1.png");
        File.WriteAllText(_folder["labels.csv"], text);
        Assert.Contains($"(labels.csv): found {says}", Refusal());
    }

    [Theory]
    [InlineData("""{"labels": [["0.png", 1]]}""", "no label of 1 of 2 images (1.png)")]
    [InlineData("""{"labels": [["0.png", 1], ["1.png", [0.5, 1]]]}""", "the label [\"1.png\", [0.5, 1]]")]
    [InlineData("""{"labels": [["0.png", 1], ["1.png", -1]]}""", "the label [\"1.png\", -1]")]
    [InlineData("""{"labels": [["0.png", 1], ["0.png", 2], ["1.png", 0]]}""", "two labels of 0.png")]
    [InlineData("""{"labels": [["0.png", 0], ["1.png", 1000]]}""", "the label 1000; expected labels below 1000 for 2 images")]
    [InlineData("""{"labels": [["0.png", 0], ["1.png", 2147483647]]}""", "the label 2147483647; expected labels below 1000")]
    [InlineData("""{"labels": 3}""", "labels of kind Number")]
    [InlineData("""{"labels": [""", "no JSON (line 1)")]
    [InlineData("{\"labels\": \"\ud800\"}", "labels of kind String")]
    public void A_dataset_json_that_does_not_say_the_label_of_every_image_is_refused(string text, string says)
    {
        Write("0.png");
        Write("1.png");
        File.WriteAllText(_folder["dataset.json"], text);
        Assert.Contains($"(dataset.json): found {says}", Refusal());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(ImageLoading.DefaultMemory)]
    public void All_bad_images_are_found_before_any_is_used_and_named_up_to_five(long memory)
    {
        for (var image = 0; image < 9; image++)
            Write($"{image}.png", (byte)image);
        foreach (var cut in new[] { 0, 1, 3, 4, 6, 8 })
            WriteCut($"{cut}.png");
        var loading = AsTheyAre with { Memory = memory, Advice = "leave them out" };
        Assert.Contains(
            "6 of 9 images unusable (0.png, 1.png, 3.png, 4.png, 6.png, …); expected images that can all be decoded; leave them out",
            Refusal(loading));
        using var set = ImageFolder.Open(_folder.Path, loading with { Bad = BadImages.Skipped });
        Assert.Equal(
            "3 of 9 files; left out: 6 that cannot be decoded (0.png, 1.png, 3.png, 4.png, 6.png, …)",
            set.Provenance.Description.LeftOut);
        using var scope = torch.NewDisposeScope();
        Assert.Equal([2, 5, 7], set.Select([0, 1, 2]).Pixels[torch.TensorIndex.Colon, 0, 0, 0].data<byte>().ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(ImageLoading.DefaultMemory)]
    public void What_is_whole_but_of_another_size_is_not_left_out_with_the_damaged(long memory)
    {
        Write("a.png");
        WriteCut("b.png");
        // Its pixels are damaged, but its size is known before.
        File.WriteAllBytes(_folder["c.png"], AsPng(Plain(300, 200, 1, 2, 3))[..60]);
        Assert.Contains("(c.png): found 300×200 pixels; expected 4×4 as in the first image.",
            Refusal(AsTheyAre with { Memory = memory, Bad = BadImages.Skipped }));
    }

    [Fact]
    public void A_streamed_set_is_looked_through_once_until_a_file_changes()
    {
        using var memory = new TemporaryFolder();
        var looked = new Counter();
        var loading = Streamed with { Remembered = memory["looks"], Progress = looked };
        for (var image = 0; image < 5; image++)
            Write($"{image}.png");
        var first = Opened(loading);
        Assert.Equal(5, looked.Count);
        Assert.Equal(first, Opened(loading));
        Assert.Equal(5, looked.Count);
        File.WriteAllBytes(_folder["3.png"], File.ReadAllBytes(_folder["3.png"])[..50]);
        Assert.Contains("(3.png): found a damaged image", Refusal(loading));
        Assert.Equal(10, looked.Count);
        Assert.Contains("(3.png): found a damaged image", Refusal(loading));
        var skipped = Opened(loading with { Bad = BadImages.Skipped });
        Assert.Equal(10, looked.Count);
        Assert.Equal(4, skipped.Count);
        Assert.NotEqual(first.Sha256, skipped.Sha256);
        // What cannot be understood is looked through again.
        foreach (var file in Directory.GetFiles(memory["looks"]))
            File.WriteAllText(file, "[{]");
        Opened(loading with { Bad = BadImages.Skipped });
        Assert.Equal(15, looked.Count);
    }

    [Fact]
    public void Looking_can_be_stopped()
    {
        Write("a.png");
        Assert.ThrowsAny<OperationCanceledException>(() => Opened(Streamed with { Stopping = new CancellationToken(canceled: true) }));
    }

    [Fact]
    public void Grey_is_the_brightness_and_grey_stays_the_grey_it_is()
    {
        File.WriteAllBytes(_folder["a.png"], AsPng(Plain(4, 4, 200, 100, 50)));
        for (var grey = 0; grey < 256; grey++)
            File.WriteAllBytes(_folder[$"b{grey:000}.png"], AsPng(Plain(4, 4, (byte)grey, (byte)grey, (byte)grey)));
        using var set = Assert.IsType<ImageSet>(ImageFolder.Open(_folder.Path, AsTheyAre with { Channels = ImageChannels.Grey }));
        Assert.Equal([257, 1, 4, 4], set.Images.shape);
        Assert.Equal([(byte)124, .. Enumerable.Range(0, 256).Select(grey => (byte)grey)],
            Enumerable.Range(0, 257).Select(image => set.Images[image, 0, 1, 2].item<byte>()));
    }

    [Fact]
    public void A_set_that_is_streamed_is_grey_where_all_of_it_is_and_is_looked_through_once()
    {
        for (byte shade = 0; shade < 3; shade++)
            File.WriteAllBytes(_folder[$"{shade}.png"], AsPng(Plain(4, 4, shade, shade, shade)));
        using var memory = new TemporaryFolder();
        var looked = new Counter();
        var loading = Streamed with { Remembered = memory["looks/."], Progress = looked };
        foreach (var channels in new[] { ImageChannels.Colour, ImageChannels.Grey })
        {
            var found = Opened(loading with { Channels = channels });
            Assert.Equal((true, channels.Count()), (found.Description.IsGrey, found.Shape.Channels));
        }
        Assert.Equal(3, looked.Count);
        Write("3.png");
        Assert.False(Opened(loading).Description.IsGrey);
    }

    private static void Run(string script)
    {
        using var shell = Process.Start("bash", ["-c", script]);
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }

    private sealed class Counter : IProgress<ImagesLooked>
    {
        private int _count;

        public int Count => _count;

        public void Report(ImagesLooked value) => Interlocked.Increment(ref _count);
    }
}
