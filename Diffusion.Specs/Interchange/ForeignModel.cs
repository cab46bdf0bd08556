using System.Text.Json;
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

    private ForeignModel(string file, string name) => _numbers = new(
        System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, file))).RootElement.GetProperty("models")
            .GetProperty(name), $"{file}: {name}");

    private static string Folder => Path.Combine(Repository.Golden, "imports");

    /// <summary>File and name of every network.</summary>
    public static IEnumerable<(string File, string Name)> All =>
        Directory.GetFiles(Folder, "*.json").Order(StringComparer.Ordinal).SelectMany(
            path => JsonDocument.Parse(File.ReadAllBytes(path)).RootElement.GetProperty("models").EnumerateObject()
                .Select(model => (Path.GetFileName(path), model.Name)));

    public static ForeignModel Of(string file, string name) => new(file, name);

    public long ParameterCount => (long)_numbers.Number("num_parameters");

    public double[] Output => _numbers.Numbers("output");

    public double[] InputGradient => _numbers.Numbers("input_grad");

    public double GradientLength => _numbers.Number("total_grad_l2");

    public Tensor State => Formula(
        $"{_numbers.Text("weight_salt")}:input", Array.ConvertAll(_numbers.Numbers("input_shape"), extent => (long)extent));

    public Tensor Times => tensor(_numbers.Numbers("timesteps"));

    public Tensor? Labels => _numbers["class_labels"].ValueKind == System.Text.Json.JsonValueKind.Null ? null
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

    /// <summary>The network that is read from such a file.</summary>
    public ImportedModel Read(ImportRequest request)
    {
        using var place = new TemporaryFolder();
        Write(place["model.pt"]);
        return ModelFile.Read(place["model.pt"], request);
    }

    /// <summary>Its tensors, all zeros, without a file.</summary>
    public IReadOnlyList<StoredTensor> Outline =>
        [.. Tensors.Select(item => new StoredTensor(item.Name, TensorShape.Of(item.Shape), target => target.zero_().Dispose()))];

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
