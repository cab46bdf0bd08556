using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Diagnostics;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using Diffusion.Model.Formats;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Formats.Torch;
using Diffusion.Model.Images;
using Diffusion.Model.Networks;
using Diffusion.Model.Runtime;
using Diffusion.Specs.Training;
using TorchSharp;

namespace Diffusion.Specs.Host;

public sealed class DescribeSpecs
{
    [Fact]
    public void A_file_is_described_with_its_tensors()
    {
        var json = Json(Repository.ReferencePath("unet-small", "diffusion_pytorch_model.safetensors"));
        Assert.Equal("Safetensors", (string)json["kind"]!);
        var first = json["tensors"]!.AsArray().Single(tensor => (string)tensor!["name"]! == "conv_in.weight")!;
        Assert.Equal([32, 1, 3, 3], first["shape"]!.AsArray().Select(size => (int)size!));
        Assert.Equal(json["tensors"]!.AsArray()
            .Sum(tensor => tensor!["shape"]!.AsArray().Aggregate(1L, (product, size) => product * (long)size!)), (long)json["parameters"]!);
    }

    [Fact]
    public void A_folder_of_the_library_is_distinguished_from_a_run()
    {
        using var place = new Data.TemporaryFolder();
        using var network = new UNet(Small.Network, new Seed(1));
        new CheckpointStore(Path.Combine(place.Path, CheckpointStore.FolderName)).Save(network, Small.Recipe);
        var run = PlaceDescription.Of(place.Path);
        Assert.Equal(("run", network.ParameterCount), (run.Kind, run.Tensors!.ElementCount));
        Assert.Contains(("recipe", "small"), run.Facts);
        Assert.Equal("checkpoint", PlaceDescription.Of(Path.Combine(place.Path, CheckpointStore.FolderName, "step-000000000")).Kind);
        Assert.Equal("diffusers", PlaceDescription.Of(Repository.ReferencePath("unet-small")).Kind);
        Assert.Throws<InputException>(() => PlaceDescription.Of(Repository.Reference));
        Assert.Throws<InputException>(() => PlaceDescription.Of(place.Path + "-none"));
    }

    [Fact]
    public void Weights_that_are_not_finite_and_bytes_that_were_changed_are_named()
    {
        using var place = new Data.TemporaryFolder();
        using var network = new UNet(Small.Network, new Seed(1));
        string[] Broken(string path) =>
            [.. PlaceDescription.Of(path).Facts.Where(fact => fact.Name is "broken" or "damaged").Select(fact => fact.Text)];
        IEnumerable<(string, torch.Tensor)> weights =
            network.named_parameters().Select(item => (item.name, (torch.Tensor)item.parameter));
        TorchPickleWriter.Write(place["whole.pth"], weights);
        Assert.Empty(Broken(place["whole.pth"]));
        var bytes = File.ReadAllBytes(place["whole.pth"]);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(place["changed.pth"], bytes);
        Assert.Contains("the content has the checksum", Assert.Single(Broken(place["changed.pth"])), StringComparison.Ordinal);
        using (torch.no_grad())
        {
            network.get_parameter("conv_in.bias")![0].fill_(Number.Of(double.NaN));
            network.get_parameter("conv_out.weight")![0].fill_(Number.Of(double.PositiveInfinity));
        }
        TorchPickleWriter.Write(place["broken.pth"], weights);
        Safetensors.Write(place["broken.safetensors"], weights);
        var run = place["run"];
        new CheckpointStore(Path.Combine(run, CheckpointStore.FolderName)).Save(network, Small.Recipe);
        foreach (var path in new[] { place["broken.pth"], place["broken.safetensors"], run,
            Path.Combine(run, CheckpointStore.FolderName, "step-000000000") })
            Assert.Equal($"'conv_in.bias' with 1 of {network.get_parameter("conv_in.bias")!.numel()} numbers that are not finite, and "
                + "1 other tensor", Assert.Single(Broken(path)));
    }

    [Fact]
    public void Tensors_that_name_the_same_bytes_again_and_again_are_not_read_again_and_again()
    {
        var read = 0;
        var tensors = Enumerable.Range(0, 100).Select(index => new StoredTensor($"{index}", TensorShape.Of(1 << 20), numbers =>
        {
            read++;
            numbers.fill_(Number.Of(double.NaN));
        })).Append(new("huge", TensorShape.Of(1 << 30, 1 << 30), _ => Assert.Fail())).ToList();
        using var file = StoredTensors.Of("made up", tensors);
        Assert.Equal("'0' with 1048576 of 1,048,576 numbers that are not finite", file.WithNonFinite(8 << 20).First());
        Assert.Equal(2, file.WithNonFinite(8 << 20).Count());
        Assert.Equal(3, read);
    }

    [Fact]
    public void A_run_is_summed_up_and_its_tensors_are_listed_where_they_are_asked_for()
    {
        var run = Path.Combine(Repository.Golden, "former", "run-v1");
        var text = Text("info", run);
        Assert.Matches("(?m)^recipe +folder$", text);
        Assert.Matches("(?m)^state +finished$", text);
        Assert.Matches("(?m)^steps +5 of 5", text);
        Assert.Matches("(?m)^last evaluation +step 5: loss 0.5866", text);
        Assert.Matches("(?m)^checkpoints +step 5 \\([0-9.]+ kB\\)$", text);
        Assert.Matches("(?m)^to train longer +diffusion train --resume .* --steps 10$", text);
        Assert.Matches("(?m)^weights +[0-9.]+ kB$", text);
        Assert.Matches("(?m)^folder +[0-9.]+ [kM]B$", text);
        Assert.StartsWith($"{Path.Combine(run, "checkpoint")}: found a folder that holds 1 of what info describes, such as ",
            Assert.Throws<InputException>(
            () => PlaceDescription.Of(Path.Combine(run, "checkpoint"))).Message, StringComparison.Ordinal);
        Assert.DoesNotContain("float32 [", text, StringComparison.OrdinalIgnoreCase);
        Assert.True(Text("info", run, "--tensors").Length > text.Length + 500);
        Assert.False(Json(run).ContainsKey("tensors"));
    }

    [Fact]
    public void An_image_shows_its_notes_and_tables_and_arrays_say_what_they_are()
    {
        using var place = new Data.TemporaryFolder();
        Png.Save(place["samples.png"], new RgbImage(1, 2, [1, 2, 3, 4, 5, 6]), [new("recipe", "mnist"), new("sampler", "ddim 50")]);
        Assert.Equal(
            [("pixels", "1×2"), ("recipe", "mnist"), ("sampler", "ddim 50")],
            PlaceDescription.Of(place["samples.png"]).Facts.Where(fact => fact.Name != "size"));
        var arrays = Text("info", Directory.EnumerateFiles(Repository.Golden, "*.npz", SearchOption.AllDirectories).First());
        Assert.Matches("(?m)^kind +NumPy arrays$", arrays);
        Assert.Matches("(?m)^arrays +\\d+$", arrays);
        Assert.DoesNotContain("parameters", arrays, StringComparison.Ordinal);
        var results = Path.Combine(Repository.Root, "docs", "results");
        Assert.StartsWith("report of a run", PlaceDescription.Of(Path.Combine(results, "mnist", "report.csv")).Kind);
        var sweep = PlaceDescription.Of(Path.Combine(results, "mnist-cfg", "guidance.csv"));
        Assert.Equal("table of a sweep", sweep.Kind);
        Assert.StartsWith("diffusion compare ", sweep.Facts.Single(fact => fact.Name == "to show it").Text, StringComparison.Ordinal);
        Assert.Equal("recipe", PlaceDescription.Of(Path.Combine(results, "mnist", "recipe.json")).Kind);
        File.WriteAllBytes(place["cut.png"], File.ReadAllBytes(place["samples.png"])[..30]);
        Assert.Throws<InputException>(() => PlaceDescription.Of(place["cut.png"]));
        File.WriteAllText(place["words.txt"], "words");
        Refused("words.txt", "a text file");
        File.WriteAllText(place["none.bin"], "");
        Refused("none.bin", "an empty file");
        File.WriteAllText(place["report.html"], "<!doctype html>");
        Refused("report.html", "a web page");
        File.WriteAllBytes(place["bad.png"], [1, 2, 0, 4, 5, 6, 7, 8, 9, 10]);
        Refused("bad.png", "a file that is no PNG image, whatever its name");
        using (var zip = System.IO.Compression.ZipFile.Open(place["photos.zip"], System.IO.Compression.ZipArchiveMode.Create))
            zip.CreateEntry("a.png");
        Refused("photos.zip", "a zip archive of 1 file, such as a.png");

        void Refused(string name, string found) => Assert.StartsWith($"{place[name]}: found {found}; expected a file of weights",
            Assert.Throws<InputException>(() => PlaceDescription.Of(place[name])).Message, StringComparison.Ordinal);
    }

    private static JsonObject Json(string path) => JsonNode.Parse(Text("info", path, "--json"))!.AsObject();

    private static string Text(params string[] words)
    {
        var output = new StringWriter { NewLine = "\n" };
        Assert.Equal(ExitCode.Success, CommandLineApp.Run(words, new(output, TextWriter.Null, Display.Plain), CancellationToken.None));
        return output.ToString();
    }
}
