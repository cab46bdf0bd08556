using System.Text.Json;
using Diffusion.Math.Values;
using Diffusion.Model.Formats;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Formats.Torch;
using Diffusion.Model.Interchange.Checkpoints;
using Diffusion.Specs.Data;
using Diffusion.Specs.Reference;
using static TorchSharp.torch;

namespace Diffusion.Specs.Interchange;

/// <summary>A network of another program, in golden/imports: its tensors by a formula, and what it gives for an input.</summary>
internal sealed class ForeignModel
{
    private readonly ReferenceObject _numbers;

    private ForeignModel(ReferenceObject numbers) => _numbers = numbers;

    /// <summary>Another part of a file: numbers of a network that is in a file of its own, or buffers.</summary>
    public static JsonElement Part(string file, string name) =>
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, file))).RootElement.GetProperty(name);

    /// <summary>The numbers of a network that is in a file of its own.</summary>
    public static ForeignModel OfPart(string file, string name) => new(new ReferenceObject(Part(file, name), $"{file}: {name}"));

    private static string Folder => Path.Combine(Repository.Golden, "imports");

    /// <summary>File and name of every network.</summary>
    public static IEnumerable<(string File, string Name)> All =>
        Directory.GetFiles(Folder, "*.json").Order(StringComparer.Ordinal).SelectMany(
            path => JsonDocument.Parse(File.ReadAllBytes(path)).RootElement.GetProperty("models").EnumerateObject()
                .Select(model => (Path.GetFileName(path), model.Name)));

    public static ForeignModel Of(string file, string name) =>
        new(new ReferenceObject(Part(file, "models").GetProperty(name), $"{file}: {name}"));

    public long ParameterCount => (long)_numbers.Number("num_parameters");

    public double[] Output => _numbers.Numbers("output");

    public double[] InputGradient => _numbers.Numbers("input_grad");

    public double GradientLength => _numbers.Number("total_grad_l2");

    public Tensor State => Formula(
        $"{_numbers.Text("weight_salt")}:input", Array.ConvertAll(_numbers.Numbers("input_shape"), extent => (long)extent));

    public Tensor Times => tensor(_numbers.Numbers("timesteps"));

    public Tensor? Labels => _numbers["class_labels"].ValueKind == JsonValueKind.Null ? null
        : tensor(Array.ConvertAll(_numbers.Numbers("class_labels"), label => (long)label));

    /// <summary>Names and sizes of its tensors.</summary>
    public IEnumerable<(string Name, long[] Shape)> Tensors => _numbers["state_dict"].EnumerateArray().Select(
        entry => (entry[0].GetString()!, entry[1].EnumerateArray().Select(size => size.GetInt64()).ToArray()));

    /// <summary>Its tensors as a file of PyTorch.</summary>
    /// <param name="path">The file.</param>
    /// <param name="prefix">What stands before every name.</param>
    /// <param name="others">Tensors beside them.</param>
    public void Write(string path, string prefix = "", params (string, Tensor)[] others)
    {
        using var scope = NewDisposeScope();
        TorchPickleWriter.Write(path, [.. Tensors.Select(item => (prefix + item.Name, Weight(item.Name, item.Shape))), .. others]);
    }

    /// <summary>What it was made with, where its files say that; null where they do not.</summary>
    public PickledModule? Module => _numbers.Has("kwargs") ? ModuleOf(_numbers["kwargs"]) : null;

    /// <summary>What a snapshot of EDM or EDM2 says of a network that was made with these arguments.</summary>
    public static PickledModule ModuleOf(JsonElement arguments)
    {
        var name = arguments.TryGetProperty("precond", out var given) ? given.GetString()! : "EDMPrecond";
        var whole = arguments.EnumerateObject().Where(argument => argument.Name != "precond")
            .Select(argument => (argument.Name, ValueOf(argument.Value))).ToArray();
        if (name == "Precond")
            return PickledModule.Of(Persistent(
                name, Dictionary(whole), Dictionary([("unet", Persistent("UNet", Dictionary(whole), Dictionary([])))])))!;
        var channels = arguments.GetProperty("img_channels").GetInt32();
        var leaving = name == "iDDPMPrecond" ? 2 * channels : channels;
        var model = Persistent(arguments.GetProperty("model_type").GetString()!, Dictionary(
            whole.Where(argument => argument.Name is not ("model_type" or "img_channels" or "use_fp16" or "M"))
                .Concat([("in_channels", new PickleValue.Integer(channels)), ("out_channels", new PickleValue.Integer(leaving))])),
            Dictionary([]));
        return PickledModule.Of(Persistent(name, Dictionary(whole), Dictionary([("model", model)])))!;
    }

    /// <summary>
    /// How near the networks are, of numbers of size 1. A table of labels that is made of a layer is rounded to float32, as all weights
    /// are.
    /// </summary>
    public double Tolerance => IsWithoutLabels ? 1e-6 : 1e-9;

    /// <summary>Whether what depends on the labels' layer, which is laid out otherwise here, is left out of count and gradient.</summary>
    public bool IsWithoutLabels => _numbers.Has("without_labels");

    /// <summary>The network that is read from such a file.</summary>
    public ImportedModel Read(ImportRequest request)
    {
        if (Module is { } module)
        {
            using var tensors = StoredTensors.Of("snapshot", [.. Tensors.Select(item => new StoredTensor(
                item.Name, TensorShape.Of(item.Shape), target => target.copy_(Weight(item.Name, item.Shape))))], module);
            return ModelFile.Read(tensors, request);
        }
        using var place = new TemporaryFolder();
        Write(place["model.pt"]);
        return ModelFile.Read(place["model.pt"], request);
    }

    /// <summary>Its tensors, all zeros, without a file.</summary>
    public IReadOnlyList<StoredTensor> Outline =>
        [.. Tensors.Select(item => new StoredTensor(item.Name, TensorShape.Of(item.Shape), target => target.zero_().Dispose()))];

    private static PickleValue Persistent(string name, PickleValue arguments, PickleValue modules) => new PickleValue.Instance(
        "torch_utils.persistence._reconstruct_persistent_obj",
        [Dictionary([("class_name", new PickleValue.Text(name)),
            ("state", Dictionary([("_init_kwargs", arguments), ("_modules", modules)]))])],
        PickleValue.None.Value, []);

    private static PickleValue.Dictionary Dictionary(IEnumerable<(string, PickleValue)> entries) => new(PickleDictionaryKind.Plain,
        entries.Select(entry => new KeyValuePair<PickleValue, PickleValue>(new PickleValue.Text(entry.Item1), entry.Item2)).ToSequence());

    private static PickleValue ValueOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => new PickleValue.Text(value.GetString()!),
        JsonValueKind.Array => new PickleValue.List(value.EnumerateArray().Select(ValueOf).ToSequence()),
        JsonValueKind.Number when value.TryGetInt32(out var whole) => new PickleValue.Integer(whole),
        JsonValueKind.Null => PickleValue.None.Value,
        JsonValueKind.Number => new PickleValue.Real(value.GetDouble()),
        var kind => new PickleValue.Truth(kind == JsonValueKind.True),
    };

    private Tensor Weight(string name, long[] shape)
    {
        var count = (int)shape.Aggregate(1L, (product, size) => product * size);
        var values = Reference.Formula.Symmetric($"{_numbers.Text("weight_salt")}:{name}", count);
        var fanIn = shape.Skip(1).Aggregate(1L, (product, size) => product * size);
        var made = Array.ConvertAll(values, value => (float)(name.EndsWith("bias", StringComparison.Ordinal) ? 0.1 * value
            : shape.Length >= 2 ? Sqrt(3.0 / fanIn) * value : 1 + 0.2 * value));
        return tensor(made).reshape(shape);
    }

    private static Tensor Formula(string key, long[] shape) => tensor(Array.ConvertAll(
        Reference.Formula.UnitVariance(key, (int)shape.Aggregate(1L, (product, size) => product * size)), value => (float)value))
            .reshape(shape);
}
