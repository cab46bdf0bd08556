using System.Text.Json;
using Diffusion.Model.Formats.Tensors;
using TorchSharp;

namespace Diffusion.Specs.Reference;

public sealed class SafetensorsSpecs
{
    private const string Weights = "unet-small/diffusion_pytorch_model.safetensors";
    private const string HalfWeights = "unet-small/sample_f16_subset.safetensors";
    private const string OldWeights = "unet-small-legacy-keys/diffusion_pytorch_model.safetensors";
    private const string OldNames = "unet-small-legacy-keys/keymap.json";

    public static TheoryData<string> Files =>
        [.. Repository.ReferenceFiles("*.safetensors")];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_of_the_formats_own_library_is_written_again_byte_for_byte(string name)
    {
        using var scope = torch.NewDisposeScope();
        var original = Repository.ReferencePath(name);
        var copy = Path.GetTempFileName();
        try
        {
            using (var file = Safetensors.Open(original))
                Safetensors.Write(copy, file.Entries.Select(entry => (entry.Name, file.Load(entry.Name))), file.Metadata);
            Assert.Equal(File.ReadAllBytes(original), File.ReadAllBytes(copy));
        }
        finally
        {
            File.Delete(copy);
        }
    }

    [Fact]
    public void The_small_networks_weights_are_those_of_the_formula() => CheckFormula(Repository.Reference);

    internal static void CheckFormula(string chosen)
    {
        using var scope = torch.NewDisposeScope();
        var folder = Repository.ReferenceWith(chosen, [Weights, "unet_small.json"]);
        using var file = Safetensors.Open(Path.Combine(folder, Weights));
        var models = Directory.GetFiles(folder, "unet_*.json").SelectMany(Models).Where(model => IsOf(model, file)).ToArray();
        Assert.NotEmpty(models);
        Assert.All(models, model => CheckFormula(model, file));
    }

    private static IEnumerable<ReferenceObject> Models(string path) =>
        ReferenceFile.Open(path)["models"].EnumerateObject().Select(model => new ReferenceObject(model.Value, $"{path}: {model.Name}"));

    [Fact]
    public void Half_precision_is_the_rounding_of_single_precision() => CheckHalf(Repository.Reference);

    internal static void CheckHalf(string chosen)
    {
        using var scope = torch.NewDisposeScope();
        var folder = Repository.ReferenceWith(chosen, [HalfWeights, Weights]);
        using var half = Safetensors.Open(Path.Combine(folder, HalfWeights));
        using var single = Safetensors.Open(Path.Combine(folder, Weights));
        Assert.NotEmpty(half.Entries);
        foreach (var entry in half.Entries)
        {
            Assert.Equal(ElementType.Float16, entry.Type);
            Assert.True(single.Load(entry.Name).to(torch.float16).eq(half.Load(entry.Name)).all().item<bool>(), entry.Name);
        }
    }

    [Fact]
    public void Names_of_2022_hold_the_same_tensors() => CheckOldNames(Repository.Reference);

    internal static void CheckOldNames(string chosen)
    {
        using var scope = torch.NewDisposeScope();
        var folder = Repository.ReferenceWith(chosen, [Weights, OldWeights, OldNames]);
        using var current = Safetensors.Open(Path.Combine(folder, Weights));
        using var legacy = Safetensors.Open(Path.Combine(folder, OldWeights));
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, OldNames)));
        var map = json.RootElement.GetProperty("map").EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.GetString()!);
        Assert.Equal(current.Entries.Count, legacy.Entries.Count);
        foreach (var name in legacy.Entries.Select(entry => entry.Name))
        {
            var (old, renamed) = (legacy.Load(name), current.Load(map.GetValueOrDefault(name, name)));
            Assert.True(old.view(-1).equal(renamed.view(-1)).all().item<bool>(), name);
        }
    }

    private static void CheckFormula(ReferenceObject model, SafetensorsFile file)
    {
        Assert.Equal(model.Integer("num_parameters"), file.Entries.Sum(entry => entry.Shape.Elements));
        foreach (var row in model["weight_probe"].EnumerateArray())
        {
            var values = file.Load(row[0].GetString()!).data<float>().ToArray();
            Assert.Equal(((float)row[1].GetDouble(), (float)row[2].GetDouble()), (values[0], values[^1]));
        }
        foreach (var bias in file.Entries.Where(entry => entry.Name.EndsWith("bias", StringComparison.Ordinal)))
        {
            var expected = Formula.Symmetric($"{model.Text("weight_salt")}:{bias.Name}", (int)bias.Shape.Elements);
            Assert.Equal(expected.Select(value => (float)(0.1 * value)), file.Load(bias.Name).data<float>().ToArray());
        }
    }

    // The folder does not say which of the models the weights are of: those with its names, shapes and first probe.
    private static bool IsOf(ReferenceObject model, SafetensorsFile file)
    {
        var rows = model["state_dict"]
            .EnumerateArray().Select(row => (row[0].GetString()!, string.Join(", ", row[1].EnumerateArray()))).Order();
        if (!rows.SequenceEqual(file.Entries.Select(entry => (entry.Name, string.Join(", ", entry.Shape))).Order()))
            return false;
        var probe = model["weight_probe"].EnumerateArray().First();
        return file.Load(probe[0].GetString()!).data<float>()[0] == (float)probe[1].GetDouble();
    }
}
