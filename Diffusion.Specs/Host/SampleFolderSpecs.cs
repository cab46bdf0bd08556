using System.Text;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Images;

namespace Diffusion.Specs.Host;

public sealed class SampleFolderSpecs : IDisposable
{
    private readonly SmallRun _run = SmallRun.Complete();

    public void Dispose() => _run.Dispose();

    [Fact]
    public void The_same_command_continues_a_folder_to_the_files_of_an_uninterrupted_one()
    {
        Draw("whole/", 7);
        Draw("parts/", 3);
        // Killed while it wrote a file, cut off by a loss of power, and removed by hand.
        File.WriteAllBytes(_run.Place["parts/000003.png.partial"], [0x89]);
        File.WriteAllBytes(_run.Place["parts/000001.png"], File.ReadAllBytes(_run.Place["parts/000001.png"])[..60]);
        Assert.Contains("holds 2 of 7 samples already; the others are drawn", Draw("parts/", 7), StringComparison.Ordinal);
        File.Delete(_run.Place["parts/000005.png"]);
        Draw("parts", 7);
        Assert.Equal([.. Enumerable.Range(0, 7).Select(number => $"{number:D6}.png"), ImageFolder.SampleRecord], Names("parts"));
        Assert.All(Names("whole"), name => Assert.Equal(Bytes($"whole/{name}"), Bytes($"parts/{name}")));
        using (var set = ImageFolder.Open(_run.Place["parts"], new(Split.Train, new ImageFit.Unchanged())))
            Assert.Equal((7, ""), (set.Provenance.Count, set.Provenance.Description.LeftOut));
        Assert.Contains("holds 7 of 7 samples already\n", Draw("parts/", 7), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--seed 9", "samples of seed 3; expected seed 9, as asked for now, or another folder")]
    [InlineData("--sampler ddim --steps 3", "samples of sampler euler 2; expected sampler ddim 3, as asked")]
    [InlineData("--subdirs", "samples of layout one folder; expected layout a folder for each thousand, as asked")]
    public void Samples_of_another_request_are_refused_by_what_differs(string options, string reason)
    {
        Draw("drawn/", 1);
        string[] asked = [.. Asked("drawn/", 2), .. options.Split(' ')];
        Assert.Contains(reason, _run.Fails(asked), StringComparison.Ordinal);
        // Of samples without the record their own notes say it.
        File.Delete(_run.Place["drawn/samples.json"]);
        if (options != "--subdirs")
            Assert.Contains(reason, _run.Fails(asked), StringComparison.Ordinal);
        Assert.Equal(["000000.png"], Names("drawn").Where(name => name.EndsWith(".png", StringComparison.Ordinal)));
    }

    [Fact]
    public void Samples_of_other_weights_are_refused()
    {
        Draw("drawn/", 1);
        var record = JsonNode.Parse(File.ReadAllText(_run.Place["drawn/samples.json"]))!;
        var weights = (string)record["weights"]!;
        record["weights"] = new string('0', 64);
        File.WriteAllText(_run.Place["drawn/samples.json"], record.ToJsonString());
        Assert.EndsWith($"found samples of weights {new string('0', 64)}; expected weights {weights}, as asked for now, or another folder",
            _run.Fails(Asked("drawn/", 2)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_that_is_damaged_is_made_anew_from_the_samples()
    {
        Draw("drawn/", 2);
        var record = Bytes("drawn/samples.json");
        foreach (var damaged in new[] { "", "{", "[]", "{\"seed\": 3}", "{\"seed\": {}}", "\0\0\0\0" })
        {
            File.WriteAllText(_run.Place["drawn/samples.json"], damaged);
            Draw("drawn/", 2);
            Assert.Equal(Encoding.UTF8.GetString(record), Encoding.UTF8.GetString(Bytes("drawn/samples.json")));
        }
    }

    [Fact]
    public void A_thousand_samples_have_a_folder_of_their_own_on_request()
    {
        _run.Succeeds([.. Asked("many/", 3), "--first", "998", "--subdirs"]);
        Assert.Equal(["000998.png", "000999.png"], Names("many/000000"));
        Assert.Equal(["001000.png"], Names("many/001000"));
        File.Delete(_run.Place["many/000000/000999.png"]);
        _run.Succeeds([.. Asked("many", 3), "--first", "998", "--subdirs"]);
        Assert.Equal(["000998.png", "000999.png"], Names("many/000000"));
        Assert.StartsWith("--subdirs: requires a folder", _run.Fails([.. Asked("x.npz", 1), "--subdirs"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_filled_by_one_process_at_a_time()
    {
        Draw("drawn/", 1);
        using (FileLock.TryHold(_run.Place["drawn/samples.json"]))
            Assert.Contains("found a folder that another process fills; expected one of its own",
                _run.Fails(Asked("drawn/", 2)), StringComparison.Ordinal);
        Draw("drawn/", 2);
    }

    [Fact]
    public void Other_images_of_such_names_are_refused()
    {
        Png.Save(_run.Place["mine/000000.png"], new(1, 1, [1, 2, 3]), []);
        Assert.Contains("000000.png: found an image that this program did not sample", _run.Fails(Asked("mine/", 1)),
            StringComparison.Ordinal);
        File.WriteAllBytes(_run.Place["a.file"], []);
        Assert.Contains("a.file", _run.Fails(Asked("a.file/", 1)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_stopped_says_how_to_go_on_and_an_empty_one_is_gone()
    {
        using var stopping = new CancellationTokenSource();
        using var said = new StringWriter { NewLine = "\n" };
        stopping.Cancel();
        Assert.Equal(ExitCode.Interrupted,
            CommandLineApp.Run(Asked("stopped/", 3), new(TextWriter.Null, said, Display.Plain), stopping.Token));
        Assert.Contains("stopped with 0 of 3 samples in ", said.ToString(), StringComparison.Ordinal);
        Assert.Contains("; the same command draws the rest\n", said.ToString(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_run.Place.Path, "stopped")));
    }

    private string Draw(string folder, int count) => _run.Succeeds(Asked(folder, count));

    private string[] Asked(string folder, int count) =>
    [
        "sample", _run.Folder, "-n", $"{count}", "-o", Path.Combine(_run.Place.Path, folder), "--batch", "2", "--device", "cpu",
        "--threads", "1",
    ];

    private IEnumerable<string> Names(string folder) =>
        Directory.GetFiles(_run.Place[folder]).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);

    private byte[] Bytes(string name) => File.ReadAllBytes(_run.Place[name]);
}
