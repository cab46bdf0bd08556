using Diffusion.Model.Files;
using Diffusion.Model.Formats;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Formats.Torch;
using Diffusion.Model.Interchange.Checkpoints;
using TemporaryFolder = Diffusion.Specs.Data.TemporaryFolder;
using Diffusion.Specs.Files;
using TorchSharp;
using Xunit.Abstractions;

namespace Diffusion.Specs.Interchange;

/// <summary>
/// What is read only where models of others are, damaged in twenty thousand ways each: small files, so that it takes seconds.
/// </summary>
public sealed class ImportFuzzSpecs(ITestOutputHelper output)
{
    private static readonly string[] PickleWords =
    [
        ".", "(", "t", "}", "u", "]", "e", ")", "R", "b", "N", "\u0088", "\u0085", "\u0081", "\u0094", "\u0093", "\u008F", "\u0090", "h\0",
        "K\u0001", "J\u00FF\u00FF\u00FF\u007F", "C\u0002ab", "B\u00FF\u00FF\u00FF\u007F", "X\u00FF\u00FF\u00FF\u00FF", "\u008C\u0006system",
        "\u008C\u0002os", "cos\nsystem\n", "cdnnlib.util\nEasyDict\n", "ctorch.storage\n_load_from_bytes\n", "_modules", "_parameters",
        "_init_kwargs", "class_name", "state",
    ];

    [Fact]
    public void Damaged_snapshots_of_EDM_are_read_or_refused() => Tell(new Fuzz(
        [File.ReadAllBytes(Path.Combine(Repository.Golden, "imports", "edm-tiny.pkl"))], PickleWords, (file, number) =>
        {
            using var pickle = TorchPickle.OpenModules(file);
            var tensors = (pickle.Module?.Tensors() ?? []).Take(100).Select(item => item.Tensor).ToArray();
            foreach (var tensor in tensors.Where((_, index) => number is not { } one || index == one % tensors.Length))
                pickle.Load(tensor).count_nonzero().Dispose();
            return tensors.Select(tensor => tensor.Storage).Distinct().Sum(storage => storage.ByteCount);
        }));

    [Fact]
    public void Damaged_files_of_PyTorch_with_a_recipe_are_read_or_refused()
    {
        using var place = new TemporaryFolder();
        using var scope = torch.NewDisposeScope();
        TorchPickleWriter.Write(place["x.pth"], [("a", torch.ones(2))],
            new Dictionary<string, string> { ["diffusion.recipe"] = "{\"name\": \"ß\"}", ["diffusion.updates"] = "3" });
        Tell(new Fuzz(
            [File.ReadAllBytes(place["x.pth"])],
            [.. PickleWords, "PK\u0001\u0002", "PK\u0003\u0004", "archive/metadata/", "archive/data.pkl", "\0\0\0\0", "\u00FF\u00FE"],
            (file, _) =>
            {
                using var tensors = StoredTensors.Open(file);
                Assert.All(tensors.Metadata.Values, text => Assert.InRange(text.Length, 0, file.Length));
                return tensors.All.Count;
            }));
    }

    [Fact]
    public void Damaged_indexes_of_shards_are_read_or_refused() => Tell(new Fuzz(
        ["""{"metadata": {"total_size": 8}, "weight_map": {"conv_in.weight": "a-00001-of-00002.bin", "b": "a-00002-of-00002.bin"}}"""u8
            .ToArray()],
        [
            "{", "}", "[", "]", ",", ":", "\"", "9", "null", "1e999", "\\ud800", "\\u0000", "\u00FF\u00FE", "../", "/", "..", "\"\"",
            "\"weight_map\":", "\"b\":", "[[[[[[[[[[[[",
        ],
        (file, _) =>
        {
            Assert.All(ShardIndex.Of(file.Slice(0, (int)file.Length, "all").ToArray(), file.Path), shard =>
                Assert.Equal(shard.Key, Path.GetFileName(shard.Key)));
            return 0;
        }));

    // The kind is found by the names alone, so that no tensor has numbers here.
    [Fact]
    public void Damaged_headers_of_safetensors_are_a_network_that_is_known_or_refused() => Tell(new Fuzz(
        [.. new[]
        {
            "conv_in.weight", "input_blocks.0.0.weight", "ema_model.head.weight", "in_conv.weight", "init_conv.weight",
            "model.map_layer0.weight", "unet.emb_noise.weight", "lora_A.weight", "down_blocks.0.attn2.to_k.weight",
        }.Select(Header)],
        [
            "{", "}", "[", "]", ",", ":", "\"", "9", "000000000000000000", "-1", "1e9", "\\ud800", "\"dtype\":\"F64\",", "\"shape\":[0],",
            "\"data_offsets\":[0,0]", "\"__metadata__\":{", "time_embed.0.weight", "downs.0.0.x", "time_mlp.1.weight", "init_conv.weight",
            "null_classes_emb", "diffusion.recipe",
        ],
        (file, _) =>
        {
            using var tensors = StoredTensors.Open(file);
            // Two tensors are no network: the refusal, too, is one line.
            var refusal = Assert.Throws<InputException>(() => ModelFile.Read(tensors, ImportRequest.None)).Message;
            Assert.StartsWith("damaged: found ", refusal, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', refusal);
            return 0;
        }));

    private static byte[] Header(string name)
    {
        var header = "{\"__metadata__\":{\"diffusion.updates\":\"3\"},\"" + name
            + "\":{\"dtype\":\"F32\",\"shape\":[2,1,1,1],\"data_offsets\":[0,8]},\"time_embed.0.weight\":"
            + "{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}";
        return [.. BitConverter.GetBytes((long)header.Length), .. System.Text.Encoding.ASCII.GetBytes(header), .. new byte[12]];
    }

    private void Tell(Fuzz fuzz)
    {
        var (read, refused) = fuzz.Run();
        output.WriteLine($"{read + refused} damaged files: {read} read, {refused} refused");
    }
}
