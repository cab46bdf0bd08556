using System.Text.Json.Nodes;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Numpy;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Formats.Torch;
using Diffusion.Model.Images;
using Diffusion.Model.Interchange.Diffusers;
using Diffusion.Model.Networks;
using Diffusion.Model.Runtime;
using Diffusion.Specs.Training;
using static TorchSharp.torch;

namespace Diffusion.Specs.Files;

/// <summary>The ways in which people and programs put the weights of one network beside its configuration.</summary>
public sealed class DiffusersWeightsSpecs : IDisposable
{
    private const string Stem = "diffusion_pytorch_model";

    private readonly string _folder = Directory.CreateTempSubdirectory("diffusion-weights-").FullName;
    private readonly UNet _network = new(Small.Network, new Seed(3));
    private readonly List<string> _notes = [];

    public DiffusersWeightsSpecs() => Configure(_folder);

    public void Dispose()
    {
        _network.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void What_the_newest_library_writes_of_a_network_is_read()
    {
        Safetensors.Write(At($"{Stem}.safetensors"), Weights());
        var config = JsonNode.Parse(File.ReadAllText(At("config.json")))!;
        (config["_diffusers_version"], config["time_embedding_dim"], config["mid_block_type"]) = ("0.40.0.dev0", null, "UNetMidBlock2D");
        (config["_use_default_values"], config["_name_or_path"]) = (new JsonArray("dropout"), "someone/model");
        // Beside an average of training stand the settings of the average.
        foreach (var key in new[] { "decay", "min_decay", "optimization_step", "update_after_step", "inv_gamma", "power" })
            config[key] = 0.5;
        config["use_ema_warmup"] = true;
        File.WriteAllText(At("config.json"), config.ToJsonString());
        AssertRead();
        Assert.Contains(
            _notes, note => note.Contains(
                "without effect: decay, min_decay, optimization_step, update_after_step, inv_gamma, power, use_ema_warmup",
                StringComparison.Ordinal));
        config["sample_size"] = new JsonArray(48, 32);
        File.WriteAllText(At("config.json"), config.ToJsonString());
        var (network, recipe) = DiffusersFolder.Read(_folder);
        network.Dispose();
        Assert.Equal(new ImageShape(1, 48, 32), recipe.Data.ShapeOf(1));
    }

    [Theory]
    [InlineData(Stem + ".fp16.safetensors")]
    [InlineData(Stem + ".non_ema.bin")]
    [InlineData("model.safetensors")]
    [InlineData("ema.pt")]
    public void Weights_of_another_name_are_taken_and_named(string name)
    {
        var half = name.Contains("fp16", StringComparison.Ordinal);
        using (var scope = NewDisposeScope())
            Write(name, Weights().Select(item => (item.Name, half ? item.Tensor.to(float16) : item.Tensor)));
        AssertRead(half ? 1e-3 : 0);
        Assert.Contains(_notes, note => note == $"{At(name)}: these weights are taken");
    }

    [Theory]
    [InlineData(".safetensors", "")]
    [InlineData(".bin", "")]
    [InlineData(".safetensors", ".fp16")]
    public void Shards_are_joined_by_their_index(string ending, string variant)
    {
        var map = new JsonObject();
        foreach (var (index, part) in Weights().Chunk(7).Index())
        {
            var name = $"{Stem}{variant}-{index + 1:00000}-of-00009{ending}";
            Write(name, part);
            foreach (var (tensor, _) in part)
                map[tensor] = name;
        }
        var place = At($"{Stem}{ending}.index{variant}.json");
        File.WriteAllText(place, new JsonObject { ["metadata"] = new JsonObject(), ["weight_map"] = map }.ToJsonString());
        AssertRead();
        File.Delete(At($"{Stem}{variant}-00002-of-00009{ending}"));
        Assert.Contains($"expected a shard of the weights, which {Path.GetFileName(place)} names", Refusal(), StringComparison.Ordinal);
        foreach (var outside in new[] { "../weights.bin", "/etc/passwd", "..", "" })
        {
            File.WriteAllText(place, new JsonObject { ["weight_map"] = new JsonObject { ["conv_in.weight"] = outside } }.ToJsonString());
            Assert.Contains("expected the name of a file beside it", Refusal(), StringComparison.Ordinal);
        }
        File.WriteAllText(place, """{"weight_map": [1]}""");
        Assert.Contains("found no weight_map of names and files", Refusal(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("module.")]
    [InlineData("_orig_mod.")]
    [InlineData("ema_model.module.")]
    public void A_prefix_of_all_names_is_passed_over(string prefix)
    {
        Write($"{Stem}.bin", [.. Weights().Select(item => (prefix + item.Name, item.Tensor)), ("initted", ones(1))]);
        AssertRead();
        Assert.Contains(_notes, note => note.Contains(
            $"the weights are those under '{prefix}'; 1 other tensor, such as 'initted', is passed over", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("state_dict")]
    [InlineData("model")]
    [InlineData("ema")]
    [InlineData("anything")]
    public void Weights_within_a_checkpoint_of_a_training_are_found(string key)
    {
        File.WriteAllBytes(At($"{Stem}.bin"), Checkpoint((key, 1)));
        AssertRead();
        Assert.Contains(_notes, note => note.Contains($"the weights are those under '{key}.'", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_weights_and_their_average_the_average_is_taken_and_of_two_alike_none()
    {
        File.WriteAllBytes(At($"{Stem}.bin"), Checkpoint(("model", 2), ("ema", 1)));
        AssertRead();
        File.WriteAllBytes(At($"{Stem}.bin"), Checkpoint(("left", 2), ("right", 1)));
        Assert.Contains(
            "found several networks, such as 'left.' and 'right.'; expected the weights of one", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_training_folder_the_average_is_taken()
    {
        foreach (var (name, factor) in new[] { ("unet", 2f), ("unet_ema", 1f) })
        {
            Directory.CreateDirectory(At(name));
            Configure(At(name));
            using var scope = NewDisposeScope();
            Write($"{name}/{Stem}.safetensors", Weights().Select(item => (item.Name, item.Tensor.Times(factor))));
        }
        AssertRead();
        Assert.Contains(
            _notes, note => note.Contains("the weights of unet_ema, the average of training, are taken", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 82316\n",
        "a git-lfs pointer instead of the data (run 'git lfs pull' in its folder")]
    [InlineData("\n <!DOCTYPE html>\n<html><body>Sign in</body></html>", "a web page instead of the data")]
    [InlineData("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", "a web page instead of the data")]
    [InlineData("Entry not found", "a server's error message instead of the data")]
    public void What_stands_for_a_file_is_called_what_it_is(string content, string words)
    {
        foreach (var name in new[] { $"{Stem}.safetensors", $"{Stem}.bin", "config.json" })
        {
            Safetensors.Write(At($"{Stem}.safetensors"), Weights());
            if (name.EndsWith(".bin", StringComparison.Ordinal))
                File.Delete(At($"{Stem}.safetensors"));
            File.WriteAllText(At(name), content);
            var message = Refusal();
            Assert.StartsWith(At(name), message, StringComparison.Ordinal);
            Assert.Contains(words, message, StringComparison.Ordinal);
            File.Delete(At(name));
            Configure(_folder);
        }
        File.WriteAllText(At("statistics.npz"), content);
        Assert.Contains(words, Assert.Throws<InvalidFileException>(() => Npz.Open(At("statistics.npz"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_instead_of_a_folder_is_called_a_file()
    {
        Safetensors.Write(At("weights.safetensors"), Weights());
        Assert.StartsWith($"{At("weights.safetensors")}: found a file; expected a folder",
            Assert.Throws<InputException>(() => DiffusersFolder.Read(At("weights.safetensors"))).Message, StringComparison.Ordinal);
    }

    private string At(string name) => Path.Combine(_folder, name);

    private static void Configure(string folder) =>
        File.WriteAllText(Path.Combine(folder, "config.json"), new DiffusersNetwork(Small.Network, new(8, 8)).ToJson().ToJsonString());

    private IEnumerable<(string Name, Tensor Tensor)> Weights() =>
        _network.named_parameters().Select(item => (item.name, (Tensor)item.parameter));

    private void Write(string name, IEnumerable<(string Name, Tensor Tensor)> tensors)
    {
        if (name.EndsWith(Safetensors.Extension, StringComparison.Ordinal))
            Safetensors.Write(At(name), tensors);
        else
            TorchPickleWriter.Write(At(name), tensors);
    }

    // As trainers save one: a step, the state of an optimiser, and sets of weights, each times its factor.
    private byte[] Checkpoint(params ReadOnlySpan<(string Key, float Factor)> sets)
    {
        var (storages, parts) = (new List<byte[]>(), new List<byte[]> { Pickler.Text("epoch"), Pickler.Number(3) });
        parts.AddRange(
            Pickler.Text("optimizer"), Pickler.Dictionary(Pickler.Text("state"), Pickler.Dictionary(Pickler.Number(0), Pickler.Number(1))));
        foreach (var (key, factor) in sets)
        {
            var items = new List<byte[]>();
            foreach (var (name, tensor) in Weights())
            {
                using var scope = NewDisposeScope();
                var values = tensor.detach().Times(factor).data<float>().ToArray();
                int[] sizes = [.. tensor.shape.Select(size => (int)size)];
                int[] strides = [.. sizes.Select((_, axis) => sizes.Skip(axis + 1).Aggregate(1, (product, size) => product * size))];
                items.AddRange(Pickler.Text(name), Pickler.Tensor(Pickler.Storage($"{storages.Count}", values.Length), 0, sizes, strides));
                storages.Add([.. values.SelectMany(BitConverter.GetBytes)]);
            }
            parts.AddRange(Pickler.Text(key), Pickler.Dictionary([.. items]));
        }
        using var file = Pickler.Zip(Pickler.Program(Pickler.Dictionary([.. parts])), [.. storages]);
        return file.Slice(0, (int)file.Length, "all").ToArray();
    }

    private string Refusal() => Assert.ThrowsAny<IOException>(() => DiffusersFolder.Read(_folder)).Message;

    private void AssertRead(double tolerance = 0)
    {
        _notes.Clear();
        var (network, _) = DiffusersFolder.Read(_folder, _notes.Add);
        using var owned = network;
        using var scope = NewDisposeScope();
        foreach (var ((name, expected), (_, found)) in _network.named_parameters().Zip(network.named_parameters()))
            Assert.True((expected - found).abs().max().item<float>() <= tolerance, name);
    }
}
