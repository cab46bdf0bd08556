using System.IO.Compression;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Downloads;
using Diffusion.Host.Images;
using Diffusion.Host.Measuring;
using Diffusion.Host.Runs;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Formats.Numpy;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Images;
using Diffusion.Specs.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Host;

public sealed class FidVerbSpecs : IDisposable
{
    private const string Quietly = "--features cifarnet --no-download --threads 1 --json";
    private const double Tolerance = 1e-9;

    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly ImageSet _pictures = EmbeddedSamples.Cifar10(Split.Test);

    public void Dispose()
    {
        _pictures.Dispose();
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Places_are_read_with_and_without_their_part()
    {
        Assert.Equal(new PicturePlace("cifar10", Split.Train), PicturePlace.Parse("cifar10"));
        Assert.Equal(new PicturePlace("cifar10", Split.Test), PicturePlace.Parse("cifar10:test"));
        Assert.Equal(new PicturePlace("runs/a:b", Split.Train), PicturePlace.Parse("runs/a:b:train"));
        Assert.Equal(new PicturePlace(":test", Split.Train), PicturePlace.Parse(":test"));
    }

    [Fact]
    public void Every_option_arrives()
    {
        var command = Assert.IsType<Command.Fid>(Accepted(
            "fid a b:test --inception w.pth --protocol torch-fidelity --float64 --kid --score --precision-recall --allow-small --skip-bad --data d --no-download --csv r.csv"));
        Assert.Equal((PicturePlace.Parse("a"), PicturePlace.Parse("b:test"), "r.csv"), (command.Reference, command.Samples, command.Report));
        var options = command.Options;
        Assert.Equal(("w.pth", new InceptionProtocol.TorchFidelity(), FeatureArithmetic.Float64), (options.Inception, options.Protocol, options.Arithmetic));
        Assert.Equal((true, true, 3), (options.Wanted.Kernel is not null, options.Wanted.Score is not null, options.Wanted.Neighbour));
        Assert.Equal((SmallSets.Allowed, BadImages.Skipped, "d", Network.Forbidden), (options.Small, options.Bad, options.Data, options.Network));
    }

    [Theory]
    [InlineData("fid a", "fid: needs SAMPLES")]
    [InlineData("fid a b --features lenet --inception w.pth", "--inception: belongs to inception, not to lenet")]
    [InlineData("fid a b --protocol pytorchfid", "--protocol: pytorchfid is not one of pytorch-fid, torch-fidelity")]
    [InlineData("stats a", "--out: needs a value, FILE.npz")]
    [InlineData("compare r.csv --across colour", "--across: colour is not a list of n, ema,")]
    public void Slips_are_told_in_one_line(string line, string reason) =>
        Assert.StartsWith(reason, Assert.IsType<ParsedLine.Refused>(CommandParser.Parse(line.Split(' '))).Reason);

    [Fact]
    public void A_set_has_no_distance_to_itself()
    {
        var result = Run($"fid cifar10:test cifar10:test {Quietly}");
        Assert.InRange(Distance(result), -1e-6, 1e-6);
        Assert.Equal((string?)result["samples_sha256"], (string?)result["protocol"]!["reference_sha256"]);
    }

    [Fact]
    public void The_way_pictures_are_kept_changes_nothing()
    {
        var direct = Run($"fid cifar10:train cifar10:test {Quietly}");
        Save(_pictures.Images, "folder");
        ZipFile.CreateFromDirectory(_folder["folder"], _folder["pictures.zip"]);
        Npz.Write(_folder["pictures.npz"], [("arr_0", NpyArray.Of(_pictures.Images.permute(0, 2, 3, 1).contiguous()))]);
        foreach (var place in new[] { "folder", "pictures.zip", "pictures.npz" })
        {
            var result = Run($"fid cifar10:train {_folder[place]} {Quietly}");
            Assert.Equal(Distance(direct), Distance(result), Tolerance);
            Assert.Equal((string?)direct["samples_sha256"], (string?)result["samples_sha256"]);
        }
    }

    [Fact]
    public void Statistics_stand_in_for_pictures_on_either_side()
    {
        var direct = Run($"fid cifar10:train cifar10:test {Quietly}");
        Run($"stats cifar10:train -o {_folder["train.npz"]} {Quietly}");
        Run($"stats cifar10:test --out {_folder["test.npz"]} {Quietly}");
        foreach (var line in new[] { $"{_folder["train.npz"]} cifar10:test", $"cifar10:train {_folder["test.npz"]}", $"{_folder["train.npz"]} {_folder["test.npz"]}" })
        {
            var result = Run($"fid {line} {Quietly}");
            Assert.Equal(Distance(direct), Distance(result), Tolerance);
            Assert.Equal(direct["protocol"]!.ToJsonString(), result["protocol"]!.ToJsonString());
        }
    }

    [Fact]
    public void Statistics_of_parts_join_to_those_of_the_whole()
    {
        Npz.Write(_folder["one.npz"], [("arr_0", NpyArray.Of(_pictures.Images.narrow(0, 0, 130).contiguous()))]);
        Npz.Write(_folder["other.npz"], [("arr_0", NpyArray.Of(_pictures.Images.narrow(0, 130, 170).contiguous()))]);
        var whole = Run($"fid cifar10:train cifar10:test {Quietly}");
        Run($"stats {_folder["one.npz"]} --out {_folder["first.npz"]} {Quietly}");
        Run($"stats {_folder["first.npz"]} {_folder["other.npz"]} --out {_folder["all.npz"]} {Quietly}");
        var joined = Run($"fid cifar10:train {_folder["all.npz"]} {Quietly}");
        Assert.Equal(Distance(whole), Distance(joined), Tolerance);
        Assert.Equal(whole["protocol"]!.ToJsonString(), joined["protocol"]!.ToJsonString());

        using var known = StatisticsFile.Read(_folder["first.npz"]);
        StatisticsFile.Write(_folder["foreign.npz"], known with { Extractor = known.Extractor! with { WeightsSha256 = "ff" } });
        Assert.Contains("cannot be joined", Refusal($"stats {_folder["first.npz"]} {_folder["foreign.npz"]} --out {_folder["none.npz"]} {Quietly}"));
        Assert.False(File.Exists(_folder["none.npz"]));
    }

    [Fact]
    public void Fewer_pictures_than_features_are_refused_and_when_allowed_labelled()
    {
        Save(_pictures.Images.narrow(0, 0, 20), "few");
        Assert.Contains("found 20 pictures; expected at least 128", Refusal($"fid cifar10:test {_folder["few"]} {Quietly}"));
        var result = Run($"fid cifar10:test {_folder["few"]} --allow-small --csv {_folder["few.csv"]} {Quietly}");
        Assert.True((bool)result["small"]!);
        Assert.Contains("fewer pictures than features", File.ReadAllText(_folder["few.csv"]));
    }

    [Fact]
    public void A_picture_that_cannot_be_decoded_is_named_or_skipped()
    {
        Save(_pictures.Images.narrow(0, 0, 150), "mixed");
        File.WriteAllText(Path.Combine(_folder["mixed"], "broken.png"), "no picture");
        Assert.Contains("broken.png", Refusal($"fid cifar10:test {_folder["mixed"]} {Quietly}"));
        Assert.Equal("150", (string?)Run($"fid cifar10:test {_folder["mixed"]} --skip-bad {Quietly}")["protocol"]!["n"]);

        Png.Save(Path.Combine(_folder["mixed"], "broken.png"), PictureGrid.Compose(zeros(1, 3, 16, 16), GridLayout.Of(1) with { Gap = 0 }), []);
        Assert.Contains("broken.png", Refusal($"fid cifar10:test {_folder["mixed"]} {Quietly}"));
        Directory.CreateDirectory(_folder["empty"]);
        Assert.Contains("no image", Refusal($"fid cifar10:test {_folder["empty"]} {Quietly}"));
        Assert.Contains("nothing there", Refusal($"fid cifar10:test {_folder["missing"]} {Quietly}"));
    }

    [Fact]
    public void Rows_compare_only_within_one_protocol()
    {
        var report = _folder["results.csv"];
        Run($"fid cifar10:test cifar10:test --csv {report} {Quietly}");
        Run($"fid cifar10:test cifar10:test --score --csv {report} {Quietly}");
        Assert.Equal(2, Run($"compare {report} --json")["rows"]!.AsArray().Count);
        var table = ReportTable.Read(report);
        Assert.Contains("is_cifarnet", table.Columns);
        Assert.Equal("", table.Rows[0][table.Columns.ToList().IndexOf("is_cifarnet")]);

        Run($"fid cifar10:test cifar10:train --csv {report} {Quietly}");
        Assert.Contains("row 3: found rows that differ in n (300 and 3050); expected rows of one protocol; --across n", Refusal($"compare {report}"));
        Assert.Equal(3, Run($"compare {report} --across n --json")["rows"]!.AsArray().Count);
        Assert.Contains("no column", Refusal($"compare {Write("other.csv", "epoch,loss\n1,2\n")}"));
    }

    [Fact]
    public void Weights_that_are_not_there_are_asked_for_by_name()
    {
        Assert.Contains("pt_inception-2015-12-05-6726825d.pth", Refusal($"fid cifar10:test cifar10:test --features inception --no-download --threads 1"));
        Assert.Contains("no file", Refusal($"fid cifar10:test cifar10:test --inception {_folder["none.pth"]} --no-download --threads 1 --allow-small"));
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
        Assert.Equal((ExitCode.Failure, ""), (code, output));
        return Assert.Single(error.Split('\n'), text => text.StartsWith("error: ", StringComparison.Ordinal));
    }

    private static (ExitCode, string, string) Call(string line)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        return (Entrance.Run(line.Split(' '), new(output, error, Display.Plain), CancellationToken.None), output.ToString(), error.ToString());
    }

    private void Save(Tensor images, string folder)
    {
        for (var i = 0; i < images.shape[0]; i++)
            Png.Save(_folder[$"{folder}/{i:D4}.png"], PictureGrid.Compose(Pixels.ToNumbers(images.narrow(0, i, 1)), GridLayout.Of(1) with { Gap = 0 }), []);
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(_folder[name], text);
        return _folder[name];
    }
}
