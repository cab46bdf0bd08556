using System.IO.Compression;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Downloads;
using Diffusion.Host.Measuring;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Formats.Numpy;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Images;
using Diffusion.Model.Runs;
using Diffusion.Specs.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Host;

public sealed class FidVerbSpecs(FidVerbSpecs.Shared shared) : IClassFixture<FidVerbSpecs.Shared>, IDisposable
{
    private const string Quietly = "--features cifarnet --no-download --threads 1 --json";
    private const double Tolerance = 1e-9;

    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly ImageSet _images = Dataset.Cifar10.Sample(Split.Test);

    public void Dispose()
    {
        _images.Dispose();
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Places_are_read_with_and_without_their_part()
    {
        Assert.Equal(new ImagePlace("cifar10", Split.Train), ImagePlace.Parse("cifar10"));
        Assert.Equal(new ImagePlace("cifar10", Split.Test), ImagePlace.Parse("cifar10:test"));
        Assert.Equal(new ImagePlace("runs/a:b", Split.Train), ImagePlace.Parse("runs/a:b:train"));
        Assert.Equal(new ImagePlace(":test", Split.Train), ImagePlace.Parse(":test"));
    }

    [Fact]
    public void Every_option_arrives()
    {
        var command = Assert.IsType<Command.Fid>(Accepted(
            "fid a b:test --inception w.pth --protocol torch-fidelity --float64 --kid --inception-score --precision-recall " +
                "--allow-small --skip-bad --data d --no-download --csv r.csv"));
        Assert.Equal((ImagePlace.Parse("a"), ImagePlace.Parse("b:test"), "r.csv"), (command.Reference, command.Samples, command.Report));
        var options = command.Options;
        Assert.Equal(("w.pth", new InceptionProtocol.TorchFidelity(), FeatureArithmetic.Float64),
            (options.Inception, options.Extractor.Protocol, options.Extractor.Arithmetic));
        Assert.Equal(["fid", "kid", "inception-score", "precision-recall"], options.Metrics.Select(metric => metric.Name));
        Assert.Equal((SmallSets.Allowed, BadImages.Skipped, "d", DownloadPolicy.Offline),
            (options.Small, options.Bad, options.Data, options.Downloads));
    }

    [Theory]
    [InlineData("fid a", "fid: needs SAMPLES")]
    [InlineData("fid a b --features lenet --inception w.pth", "--inception: requires Inception, not lenet")]
    [InlineData("fid a b --protocol pytorchfid", "--protocol: pytorchfid is not one of pytorch-fid, torch-fidelity")]
    [InlineData("stats a", "--out: needs a value, FILE.npz")]
    [InlineData("compare r.csv --across colour", "--across: colour is not a list of n, ema,")]
    public void Slips_are_refused_in_one_line(string line, string reason) =>
        Assert.StartsWith(reason, Assert.IsType<ParsedLine.Refused>(CommandParser.Parse(line.Split(' '))).Reason);

    [Fact]
    public void A_set_has_no_distance_to_itself()
    {
        var result = Run($"fid cifar10:test cifar10:test {Quietly}");
        Assert.InRange(Distance(result), -1e-6, 1e-6);
        Assert.Equal((string?)result["samples_sha256"], (string?)result["protocol"]!["reference_sha256"]);
    }

    [Fact]
    public void The_way_images_are_kept_changes_nothing()
    {
        var direct = shared.Direct;
        Save(_images.Images, "folder");
        ZipFile.CreateFromDirectory(_folder["folder"], _folder["images.zip"]);
        Npz.Write(_folder["images.npz"], [("arr_0", NpyArray.Of(_images.Images.permute(0, 2, 3, 1).contiguous()))]);
        foreach (var place in new[] { "folder", "images.zip", "images.npz" })
        {
            var result = Run($"fid {shared.Training} {_folder[place]} {Quietly}");
            Assert.Equal(Distance(direct), Distance(result), Tolerance);
            Assert.Equal((string?)direct["samples_sha256"], (string?)result["samples_sha256"]);
        }
    }

    [Fact]
    public void Statistics_stand_in_for_images_on_either_side()
    {
        var direct = shared.Direct;
        Run($"stats cifar10:test --out {_folder["test.npz"]} {Quietly}");
        foreach (var line in new[] { $"{shared.Training} cifar10:test", $"cifar10:train {_folder["test.npz"]}",
            $"{shared.Training} {_folder["test.npz"]}" })
        {
            var result = Run($"fid {line} {Quietly}");
            Assert.Equal(Distance(direct), Distance(result), Tolerance);
            Assert.Equal(direct["protocol"]!.ToJsonString(), result["protocol"]!.ToJsonString());
        }
    }

    [Fact]
    public void Statistics_of_parts_join_to_those_of_the_whole()
    {
        Npz.Write(_folder["one.npz"], [("arr_0", NpyArray.Of(_images.Images.narrow(0, 0, 130).contiguous()))]);
        Npz.Write(_folder["other.npz"], [("arr_0", NpyArray.Of(_images.Images.narrow(0, 130, 170).contiguous()))]);
        var whole = shared.Direct;
        Run($"stats {_folder["one.npz"]} --out {_folder["first.npz"]} {Quietly}");
        Run($"stats {_folder["first.npz"]} {_folder["other.npz"]} --out {_folder["all.npz"]} {Quietly}");
        var joined = Run($"fid {shared.Training} {_folder["all.npz"]} {Quietly}");
        Assert.Equal(Distance(whole), Distance(joined), Tolerance);
        Assert.Equal(whole["protocol"]!.ToJsonString(), joined["protocol"]!.ToJsonString());

        using var known = StatisticsFile.Read(_folder["first.npz"]);
        StatisticsFile.Write(_folder["foreign.npz"], known with { Extractor = known.Extractor! with { WeightsSha256 = "ff" } });
        Assert.Contains(
            "cannot be joined", Refusal($"stats {_folder["first.npz"]} {_folder["foreign.npz"]} --out {_folder["none.npz"]} {Quietly}"));
        Assert.False(File.Exists(_folder["none.npz"]));
    }

    [Fact]
    public void Fewer_images_than_features_are_refused_and_when_allowed_labelled()
    {
        Save(_images.Images.narrow(0, 0, 20), "few");
        Assert.Contains("found 20 images; expected at least 128", Refusal($"fid cifar10:test {_folder["few"]} {Quietly}"));
        var result = Run($"fid cifar10:test {_folder["few"]} --allow-small --csv {_folder["few.csv"]} {Quietly}");
        Assert.True((bool)result["small"]!);
        Assert.Contains("fewer images than features", File.ReadAllText(_folder["few.csv"]));
    }

    [Fact]
    public void A_image_that_cannot_be_decoded_is_named_or_skipped()
    {
        Save(_images.Images.narrow(0, 0, 150), "mixed");
        File.WriteAllText(Path.Combine(_folder["mixed"], "broken.png"), "no image");
        Assert.Contains("broken.png", Refusal($"fid cifar10:test {_folder["mixed"]} {Quietly}"));
        var (_, output, error) = Call($"fid cifar10:test {_folder["mixed"]} --skip-bad {Quietly}");
        Assert.Equal(150, (int)JsonNode.Parse(output)!["protocol"]!["n"]!);
        Assert.Contains("1 that cannot be decoded (broken.png)", error, StringComparison.Ordinal);

        Png.Save(
            Path.Combine(_folder["mixed"], "broken.png"), ImageGrid.Compose(zeros(1, 3, 16, 16), GridLayout.Of(1) with { Gap = 0 }), []);
        Assert.Contains("broken.png", Refusal($"fid cifar10:test {_folder["mixed"]} {Quietly}"));
        Assert.Contains("found 1 of 151 images of another size (broken.png 16×16); expected images of 32×32",
            Refusal($"fid cifar10:test {_folder["mixed"]} --skip-bad {Quietly}"));
        Directory.CreateDirectory(_folder["empty"]);
        Assert.Contains("no image", Refusal($"fid cifar10:test {_folder["empty"]} {Quietly}"));
        Assert.Contains("no such file or folder", Refusal($"fid cifar10:test {_folder["missing"]} {Quietly}"));
    }

    [Fact]
    public void Both_places_are_looked_at_before_anything_is_opened()
    {
        var damaged = Write("damaged.npz", "no archive");
        Assert.Contains("absent: found no such file or folder", Refusal($"fid {damaged} {_folder["absent"]} {Quietly}"));
        Assert.Contains("found a file ending in '.txt'", Refusal($"fid {damaged} {Write("a.txt", "")} {Quietly}"));
        Assert.Contains("none.csv: found no folder", Refusal($"fid {damaged} {damaged} --csv {_folder.Path}/absent/none.csv {Quietly}"));
    }

    [Fact]
    public void Statistics_that_do_not_say_what_made_them_compare_with_nothing_unless_somebody_says_it()
    {
        var direct = shared.Direct;
        using (var own = StatisticsFile.Read(shared.Training))
            StatisticsFile.Write(_folder["foreign.npz"], own with { Extractor = null });
        var foreign = _folder["foreign.npz"];
        foreach (var line in new[] { $"{foreign} cifar10:test", $"cifar10:test {foreign}", $"{foreign} {foreign}",
            $"{shared.Training} {foreign}" })
            Assert.Contains("statistics without provenance: network and resizing unknown; expected statistics with " +
                "provenance, or --assume pytorch-fid|torch-fidelity|same",
                Refusal($"fid {line} {Quietly}"));

        var assumed = Run($"fid {foreign} cifar10:test --assume same --csv {_folder["rows.csv"]} {Quietly}");
        Assert.Equal(Distance(direct), Distance(assumed), Tolerance);
        Assert.Equal("reference: same", (string?)assumed["protocol"]!["assumed"]);
        var both = Run($"fid {foreign} {foreign} --assume same {Quietly}");
        Assert.Equal(("unknown", "both: same"), ((string?)both["protocol"]!["extractor"], (string?)both["protocol"]!["assumed"]));
        Assert.Equal(("", ""), ((string?)both["protocol"]!["arithmetic"], (string?)both["protocol"]!["rounding"]));
        Assert.Equal(["fd_unknown"], both["measures"]!.AsObject().Select(measure => measure.Key));

        Run($"fid {shared.Training} cifar10:test --csv {_folder["rows.csv"]} {Quietly}");
        Assert.Contains(
            "assumed (reference: same and unknown)", Refusal($"compare {_folder["rows.csv"]} --across reference_sha256 --json"));
        Assert.Contains(
            "--assume: found no statistics without provenance", Refusal($"fid cifar10:test cifar10:test --assume same {Quietly}"));
        Assert.Contains("--assume: pytorch-fid requires Inception", Refusal($"fid {foreign} cifar10:test --assume pytorch-fid {Quietly}"));
        Assert.Contains("--assume: pytorch-fid is not comparable with --protocol torch-fidelity",
            Refusal($"fid {foreign} a --assume pytorch-fid --protocol torch-fidelity --json"));
    }

    [Fact]
    public void What_is_assumed_to_be_made_by_a_tool_is_never_called_fid()
    {
        Npz.Write(_folder["one.npz"], [("mu", NpyArray.Of(NdArray<double>.Vector(1, 2))),
            ("sigma", NpyArray.Of(new NdArray<double>(TensorShape.Of(2, 2), [1, 0, 0, 1])))]);
        Npz.Write(_folder["two.npz"], [("mu", NpyArray.Of(NdArray<double>.Vector(1, 4))),
            ("sigma", NpyArray.Of(new NdArray<double>(TensorShape.Of(2, 2), [1, 0, 0, 1])))]);
        using var one = StatisticsFile.Read(_folder["one.npz"]);
        using var two = StatisticsFile.Read(_folder["two.npz"]);
        var made = Assumption.All[0].Of(null);
        var result = Measurement.Between(
            one with { Extractor = made, Assumed = "pytorch-fid" }, two with { Extractor = made, Assumed = "pytorch-fid" },
            [new FrechetMetric()]);
        Assert.Equal("fd_inception", result.Values[0].Name);
        Assert.Equal(4, result.Values[0].Value, Tolerance);
        Assert.Equal(("inception", "", "pytorch-fid", "both: pytorch-fid"),
            (made.Name, made.WeightsSha256, made.Preparation, result.Protocol.Assumed));
        Assert.Null(result.Protocol.Count);
        foreach (var tool in new[] { "pytorch-fid", "torch-fidelity" })
            Assert.Contains($"one.npz: found statistics of 2 features; expected 2048 features, as --assume {tool} has them",
                Refusal($"fid {_folder["one.npz"]} {_folder["two.npz"]} --assume {tool} --no-download --json"));
        var genuine = new ExtractorIdentity("inception", InceptionV3.GenuineSha256, "pytorch-fid", FeatureArithmetic.Float32);
        Assert.Equal("fid",
            Measurement.Between(one with { Extractor = genuine }, one with { Extractor = genuine }, [new FrechetMetric()]).Values[0].Name);
        Assert.Equal("fd_inception", Measurement.Between(one
            with { Extractor = genuine, Assumed = "pytorch-fid" }, one with { Extractor = genuine }, [new FrechetMetric()]).Values[0].Name);
        Assert.Contains("found statistics of 2 features; expected 128 features",
            Refusal($"fid {_folder["one.npz"]} cifar10:test --assume same {Quietly}"));
    }

    [Fact]
    public void No_number_is_nan_or_less_than_nothing()
    {
        Save(_images.Images.narrow(0, 0, 6), "six");
        var (code, output, error) = Call($"fid cifar10:test {_folder["six"]} --inception-score --allow-small --csv {_folder["six.csv"]} " +
            $"{Quietly.Replace(" --json", "", StringComparison.Ordinal)}");
        Assert.True(code == ExitCode.Success, error);
        Assert.DoesNotContain("NaN", output, StringComparison.Ordinal);
        Assert.Contains("Inception Score over a single split: fewer images than splits", output, StringComparison.Ordinal);
        var table = ReportTable.Read(_folder["six.csv"]);
        Assert.Equal("1", table.Rows[0][table.Columns.ToList().IndexOf("is_parts")]);
        Assert.True(double.Parse(
            table.Rows[0][table.Columns.ToList().IndexOf("is_cifarnet")], System.Globalization.CultureInfo.InvariantCulture) > 1);

        Save(_images.Images.narrow(0, 0, 1), "one");
        Assert.Contains("found 1 image; expected at least 2", Refusal($"fid cifar10:test {_folder["one"]} --allow-small {Quietly}"));
        Save(_images.Images.narrow(0, 0, 3), "three");
        Assert.Contains("found 3 images; expected at least 4 for precision-recall",
            Refusal($"fid cifar10:test {_folder["three"]} --precision-recall --allow-small {Quietly}"));

        Assert.Equal(
            ["0", "0", "0", "-0.1", "NaN"], new[] { -1e-9, -0.0, 0, -0.1, double.NaN }.Select(number => NumberText.Short(number, "0.###")));
        Assert.Equal("0", NumberText.Exact(-0.0));
        Assert.Equal("0", NumberText.Json(-0.0)!.ToJsonString());
    }

    [Fact]
    public void Small_networks_see_transparency_as_a_person_does_and_say_so()
    {
        Save(_images.Images.narrow(0, 0, 3), "clear");
        var rgba = Enumerable.Range(0, 32)
            .SelectMany(_ => Enumerable.Repeat(new byte[] { 9, 8, 7, 0 }, 32).SelectMany(pixel => pixel).Prepend((byte)0));
        File.WriteAllBytes(Path.Combine(_folder["clear"], "x.png"), Encoded.AsPng(32, 32, 6, [.. rgba]));
        var (code, _, error) = Call($"fid cifar10:test {_folder["clear"]} --allow-small {Quietly}");
        Assert.True(code == ExitCode.Success, error);
        Assert.Contains("clear: 1 of 4 images has transparency, which is composited on white", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_compare_only_within_one_protocol()
    {
        var report = _folder["results.csv"];
        Run($"fid cifar10:test cifar10:test --csv {report} {Quietly}");
        Run($"fid cifar10:test cifar10:test --inception-score --csv {report} {Quietly}");
        Assert.Equal(2, Run($"compare {report} --json")["rows"]!.AsArray().Count);
        var table = ReportTable.Read(report);
        Assert.Contains("is_cifarnet", table.Columns);
        Assert.Equal("", table.Rows[0][table.Columns.ToList().IndexOf("is_cifarnet")]);

        Run($"fid cifar10:test cifar10:train --csv {report} {Quietly}");
        Assert.Contains(
            "row 3: found rows that differ in n (300 and 3050); expected rows of one protocol; --across n", Refusal($"compare {report}"));
        Assert.Equal(3, Run($"compare {report} --across n --json")["rows"]!.AsArray().Count);
        Assert.Contains("no column", Refusal($"compare {Write("other.csv", "epoch,loss\n1,2\n")}"));
    }

    [Fact]
    public void Weights_that_are_not_there_are_asked_for_by_name()
    {
        Assert.Contains("pt_inception-2015-12-05-6726825d.pth",
            Refusal($"fid cifar10:test cifar10:test --features inception --no-download --threads 1"));
        Save(zeros(4, 3, 16, 16, ScalarType.Byte), "small");
        Assert.Contains("built-in networks are for images of 28×28 and 32×32, not 16×16",
            Refusal($"fid {_folder["small"]} {_folder["small"]} --no-download --allow-small --threads 1"));
        Save(zeros(1, 3, 18, 16, ScalarType.Byte), "small");
        Assert.Contains("not several sizes", Refusal($"fid {_folder["small"]} {_folder["small"]} --no-download --allow-small --threads 1"));
        Assert.Contains($"{_folder["small"]}: found images of several sizes (",
            Refusal($"fid {_folder["small"]} {_folder["small"]} --no-download --allow-small --threads 1"));
        Assert.Contains(
            "no file", Refusal($"fid cifar10:test cifar10:test --inception {_folder["none.pth"]} --no-download --threads 1 --allow-small"));
    }

    [Fact]
    public void A_feature_network_is_trained_and_says_how_well()
    {
        var result = Run($"features mnist --out {_folder["net.safetensors"]} --epochs 1 --no-download --threads 1 --json");
        Assert.True((double)result["accuracy"]! > 0.9, result.ToJsonString());
        using var file = Safetensors.Open(_folder["net.safetensors"]);
        Assert.Contains("% of 1000 test images", file.Metadata["accuracy"]);
        Assert.DoesNotContain('/', file.Metadata["trained on"]);
    }

    private static Command Accepted(string line) => Assert.IsType<ParsedLine.Accepted>(CommandParser.Parse(line.Split(' '))).Command;

    private static double Distance(JsonNode result) => (double)result["measures"]!["fd_cifarnet"]!;

    private static JsonNode Run(string line)
    {
        var (code, output, error) = Call(line);
        Assert.True(code == ExitCode.Success, error);
        return JsonNode.Parse(output.TrimEnd().Split('\n')[^1])!;
    }

    private static string Refusal(string line)
    {
        var (code, output, error) = Call(line);
        Assert.Equal(ExitCode.Failure, code);
        var refusal = Assert.Single(
            error.Split('\n', StringSplitOptions.RemoveEmptyEntries), text => text.StartsWith("error: ", StringComparison.Ordinal));
        // A script reads the same on standard output, and no more.
        Assert.Equal(line.Contains("--json", StringComparison.Ordinal) ? refusal : "",
            output.Length == 0 ? "" : $"error: {JsonNode.Parse(output)!["error"]}");
        return refusal;
    }

    private static (ExitCode, string, string) Call(string line)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        return (CommandLineApp.Run(line.Split(' '), new(output, error, Display.Plain), CancellationToken.None), output.ToString(),
            error.ToString());
    }

    /// <summary>What several compare with: the images of CIFAR-10 that the program has, measured once.</summary>
    public sealed class Shared : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public Shared()
        {
            Training = _folder["train.npz"];
            Run($"stats cifar10:train -o {Training} {Quietly}");
            Direct = Run($"fid cifar10:train cifar10:test {Quietly}");
        }

        /// <summary>The statistics of the training images.</summary>
        public string Training { get; }

        /// <summary>The result of training images and test images.</summary>
        public JsonNode Direct { get; }

        public void Dispose() => _folder.Dispose();
    }

    private void Save(Tensor images, string folder)
    {
        for (var i = 0; i < images.shape[0]; i++)
            Png.Save(_folder[$"{folder}/{i:D4}.png"],
                ImageGrid.Compose(Pixels.ToNumbers(images.narrow(0, i, 1)), GridLayout.Of(1) with { Gap = 0 }), []);
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(_folder[name], text);
        return _folder[name];
    }
}
