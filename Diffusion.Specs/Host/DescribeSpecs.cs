using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Diagnostics;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using Diffusion.Model.Networks;
using Diffusion.Specs.Training;

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
    public void A_folder_of_the_library_is_told_from_a_run()
    {
        using var place = new Data.TemporaryFolder();
        using var network = new UNet(Small.Network, new Seed(1));
        new CheckpointStore(Path.Combine(place.Path, CheckpointStore.FolderName)).Save(network, Small.Recipe);
        var run = PlaceDescription.Of(place.Path);
        Assert.Equal(("run", network.ParameterCount), (run.Kind, run.Tensors.ElementCount));
        Assert.Contains(("recipe", "small"), run.Facts);
        Assert.Equal("checkpoint", PlaceDescription.Of(Path.Combine(place.Path, CheckpointStore.FolderName, "step-000000000")).Kind);
        Assert.Equal("diffusers", PlaceDescription.Of(Repository.ReferencePath("unet-small")).Kind);
        Assert.Throws<InputException>(() => PlaceDescription.Of(Repository.Reference));
        Assert.Throws<InputException>(() => PlaceDescription.Of(place.Path + "-none"));
    }

    private static JsonObject Json(string path)
    {
        var output = new StringWriter();
        Assert.Equal(ExitCode.Success,
            CommandLineApp.Run(["info", path, "--json"], new(output, TextWriter.Null, Display.Plain), CancellationToken.None));
        return JsonNode.Parse(output.ToString())!.AsObject();
    }
}
