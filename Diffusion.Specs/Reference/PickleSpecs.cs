using System.Numerics;
using System.Text.Json;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Formats.Torch;
using Diffusion.Specs.Files;
using TorchSharp;

namespace Diffusion.Specs.Reference;

/// <summary>What <c>torch.load</c> returns for each sample, as its manifest tells, is what is read here.</summary>
public sealed class PickleSpecs
{
    private const string Folder = "pth-samples";

    public static TheoryData<string> Files => [.. Samples().Select(sample => sample.Text("file"))];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_holds_what_PyTorch_reads_from_it(string name)
    {
        using var scope = torch.NewDisposeScope();
        var sample = Samples().Single(sample => sample.Text("file") == name);
        using var file = TorchPickle.Open(Repository.ReferencePath(Folder, name));
        Check(file, sample.Object("content"), file.Content);
        CheckContainer(sample.Text("format"), name);
        sample.Ignore("file");
        sample.Complete();
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Tensors_of_one_storage_share_memory(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var file = TorchPickle.Open(Repository.ReferencePath(Folder, name));
        foreach (var sharing in file.Content.Tensors().Where(tensor => tensor.Shape.Elements > 0).GroupBy(tensor => tensor.Storage))
        {
            var tensors = sharing.Select(file.Load).ToArray();
            file.Load(new PickleTensor(sharing.Key, TensorShape.Of(sharing.Key.Elements), [1], 0)).zero_();
            Assert.All(tensors, tensor => Assert.Equal(0, tensor.count_nonzero().item<long>()));
        }
    }

    [Theory]
    [InlineData("1.5", 1.5)]
    [InlineData("\"NaN\"", double.NaN)]
    [InlineData("\"Infinity\"", double.PositiveInfinity)]
    [InlineData("\"-Infinity\"", double.NegativeInfinity)]
    public void Numbers_that_are_not_finite_stand_in_the_manifest_as_texts(string json, double number)
    {
        using var document = JsonDocument.Parse(json);
        Assert.Equal(new PickleValue.Real(number), Plain(document.RootElement, "float"));
    }

    private static IReadOnlyList<ReferenceObject> Samples()
    {
        var manifest = ReferenceFile.Open(Path.Combine(Folder, "manifest.json"));
        manifest.Ignore("source", "split");
        var samples = manifest.Objects("files");
        manifest.Complete();
        return samples;
    }

    private static void CheckContainer(string format, string name)
    {
        var zipped = File.ReadAllBytes(Repository.ReferencePath(Folder, name)).AsSpan().StartsWith("PK"u8);
        Assert.Equal(format.Split(',')[0], zipped ? "zip" : "legacy");
    }

    private static void Check(TorchPickleFile file, ReferenceObject expected, PickleValue actual)
    {
        if (expected.Has("tensor"))
            CheckTensor(file, expected, Assert.IsType<PickleValue.Tensor>(actual).Value);
        else if (expected.Has("dict"))
            CheckDictionary(file, expected, Assert.IsType<PickleValue.Dictionary>(actual));
        else if (expected.Has("sequence"))
            CheckSequence(file, expected, actual);
        else
            Assert.Equal(Plain(expected["value"], expected.Text("type")), actual);
        expected.Complete();
    }

    private static void CheckDictionary(TorchPickleFile file, ReferenceObject expected, PickleValue.Dictionary actual)
    {
        Assert.Equal(expected.Text("dict"), actual.Kind == PickleDictionaryKind.Ordered ? "OrderedDict" : "dict");
        var items = expected["items"].EnumerateArray().ToArray();
        Assert.Equal(items.Length, actual.Entries.Count);
        foreach (var (item, entry) in items.Zip(actual.Entries))
        {
            Assert.Equal(3, item.GetArrayLength());
            Assert.Equal(Key(item[0].GetString()!, item[1].GetString()!), entry.Key);
            Check(file, new ReferenceObject(item[2], $"{expected.Path}.{item[0]}"), entry.Value);
        }
    }

    private static void CheckSequence(TorchPickleFile file, ReferenceObject expected, PickleValue actual)
    {
        var items = expected.Text("sequence") switch
        {
            "list" => Assert.IsType<PickleValue.List>(actual).Items,
            "tuple" => Assert.IsType<PickleValue.Tuple>(actual).Items,
            var other => throw new FormatException($"{expected.Path}: no such sequence: {other}"),
        };
        var objects = expected.Objects("items");
        Assert.Equal(objects.Count, items.Count);
        foreach (var (item, value) in objects.Zip(items))
            Check(file, item, value);
    }

    private static void CheckTensor(TorchPickleFile file, ReferenceObject expected, PickleTensor actual)
    {
        Assert.True(expected["tensor"].GetBoolean());
        Assert.Equal(expected.Text("dtype"), actual.Type.Name);
        Assert.Equal(Longs(expected["shape"]), actual.Shape.ToArray());
        Assert.Equal(Longs(expected["stride"]), actual.Strides.ToArray());
        Assert.Equal(expected["storage_offset"].GetInt64(), actual.Offset);
        Assert.Equal(expected["storage_size"].GetInt64(), actual.Storage.Elements);
        Assert.Equal(expected["is_parameter"].GetBoolean(), actual.IsParameter);
        Assert.Equal(expected["requires_grad"].GetBoolean(), actual.RequiresGradient);

        var tensor = file.Load(actual);
        Assert.Equal(actual.Type.Loaded, tensor.dtype);
        Assert.Equal(actual.Shape.ToArray(), tensor.shape);
        Assert.Equal(actual.Strides.ToArray(), tensor.stride());
        Assert.Equal(actual.Offset, tensor.storage_offset());
        CheckValues(expected, tensor);
    }

    private static void CheckValues(ReferenceObject expected, torch.Tensor tensor)
    {
        var values = tensor.numel() == 0 ? [] : tensor.to(torch.float64).contiguous().data<double>().ToArray();
        if (expected["values"].ValueKind == JsonValueKind.Array)
        {
            Assert.Equal(expected["values"].EnumerateArray().Select(Double), values);
            return;
        }
        var summary = expected.Object("values");
        var (first, last) = (summary.Numbers("first"), summary.Numbers("last"));
        Assert.Equal(summary.Integer("count"), values.Length);
        Assert.Equal(first, values[..first.Length]);
        Assert.Equal(last, values[^last.Length..]);
        summary.Complete();
    }

    private static double Double(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        JsonValueKind.String => double.Parse(value.GetString()!, System.Globalization.CultureInfo.InvariantCulture),
        _ => value.GetDouble(),
    };

    private static PickleValue Key(string text, string type) => type == "str" ? new PickleValue.Text(text) : Plain(text, type);

    private static PickleValue Plain(JsonElement value, string type) =>
        type == "str" ? new PickleValue.Text(value.GetString()!)
        // Numbers that are not finite are written as texts.
        : Plain(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText(), type);

    private static PickleValue Plain(string text, string type) => type switch
    {
        "int" => new PickleValue.Integer(BigInteger.Parse(text, System.Globalization.CultureInfo.InvariantCulture)),
        "float" => new PickleValue.Real(double.Parse(text, System.Globalization.CultureInfo.InvariantCulture)),
        "bool" => new PickleValue.Truth(bool.Parse(text)),
        "NoneType" => PickleValue.None.Value,
        _ => throw new FormatException($"No plain value is of type '{type}'."),
    };

    private static long[] Longs(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetInt64())];
}
