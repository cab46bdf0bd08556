using Diffusion.Model.Files;
using Diffusion.Model.Formats;
using Diffusion.Model.Formats.Tensors;
using TorchSharp;

namespace Diffusion.Model.Interchange.Checkpoints;

/// <summary>Turns the tensors of another program's network into those of one here, each asked for by its name there.</summary>
internal sealed class TensorMapping
{
    // Beyond every network; below it, sums and products of two sizes fit.
    private const long LargestSize = 1 << 20;

    private readonly string _path;
    private readonly string _family;
    private readonly Dictionary<string, StoredTensor> _left = [];
    private readonly List<StoredTensor> _made = [];

    /// <summary>The tensors of a network.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="family">The program that wrote it, for messages.</param>
    /// <param name="tensors">Its tensors.</param>
    /// <exception cref="InputException">Two of them have one name.</exception>
    public TensorMapping(string path, string family, IReadOnlyList<StoredTensor> tensors)
    {
        (_path, _family) = (path, family);
        foreach (var tensor in tensors)
            if (!_left.TryAdd(tensor.Name, tensor))
                throw new InputException(path, $"'{tensor.Origin}' twice", "each tensor once");
    }

    /// <summary>The tensors for the network here, and those that nobody asked for under their own names.</summary>
    public IReadOnlyList<StoredTensor> Result => [.. _made, .. _left.Values];

    /// <summary>The names of the tensors that nobody has taken yet.</summary>
    public IEnumerable<string> Names => _left.Keys;

    /// <summary>Whether there is a tensor of this name that nobody has taken yet.</summary>
    public bool Has(string name) => _left.ContainsKey(name);

    /// <summary>Whether there is a tensor whose name begins so that nobody has taken yet.</summary>
    public bool HasUnder(string beginning) => _left.Keys.Any(name => name.StartsWith(beginning, StringComparison.Ordinal));

    /// <summary>The number of dimensions of a tensor; null where it is not there.</summary>
    public int? Rank(string name) => _left.TryGetValue(name, out var tensor) ? tensor.Shape.Count : null;

    /// <summary>The sizes of a tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="rank">The number of its dimensions.</param>
    /// <exception cref="InputException">It is not there, has another number of dimensions, or an impossible size.</exception>
    public int[] Sizes(string name, int rank)
    {
        var shape = Find(name).Shape;
        return shape.Count == rank && shape.All(size => size is >= 1 and <= LargestSize)
            ? [.. shape.Select(size => (int)size)]
            : throw Refusal($"'{Find(name).Origin}' of shape {shape}", $"{rank} dimensions of a network");
    }

    /// <summary>The numbers of a tensor of one dimension.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="InputException">It is not there, has another number of dimensions, or a number that is not finite.</exception>
    public double[] Numbers(string name)
    {
        Sizes(name, 1);
        var numbers = Find(name).Numbers();
        return numbers.All(double.IsFinite) ? numbers
            : throw Refusal($"'{Find(name).Origin}' with numbers that are not finite", "finite numbers");
    }

    /// <summary>Leaves a tensor out.</summary>
    public void Drop(string name) => _left.Remove(name);

    /// <summary>Takes a layer's weight and bias as they are.</summary>
    /// <param name="from">The layer's name there.</param>
    /// <param name="to">Its name here.</param>
    public void Rename(string from, string to)
    {
        foreach (var part in new[] { ".weight", ".bias" })
            _made.Add(Take(from + part) with { Name = to + part });
    }

    /// <summary>Takes a layer's weight, without a bias.</summary>
    /// <param name="from">The layer's name there.</param>
    /// <param name="to">Its name here.</param>
    public void RenameWeight(string from, string to) => _made.Add(Take($"{from}.weight") with { Name = $"{to}.weight" });

    /// <summary>Takes a convolution of one pixel as an affine map of channels.</summary>
    /// <param name="from">The layer's name there; its weight is [output, input, 1] or [output, input, 1, 1].</param>
    /// <param name="to">Its name here.</param>
    public void Flatten(string from, string to)
    {
        var weight = Take($"{from}.weight");
        _made.Add(weight.Reshape($"{to}.weight", Matrix(weight)));
        _made.Add(Take($"{from}.bias") with { Name = $"{to}.bias" });
    }

    /// <summary>Takes one convolution for queries, keys and values apart.</summary>
    /// <param name="from">The layer's name there; its weight is [3 · channels, channels, 1 …].</param>
    /// <param name="to">The name of the attention here.</param>
    /// <param name="heads">How many heads there are in a row; 1 where all queries come first, then all keys, then all values.</param>
    public void Split(string from, string to, int heads)
    {
        var weight = Take($"{from}.weight");
        var matrix = Matrix(weight);
        var rows = matrix[0];
        if (heads < 1 || rows % (3L * heads) != 0)
            throw Refusal($"'{weight.Origin}' of shape {weight.Shape}", $"queries, keys and values of {heads} heads");
        var bias = Take($"{from}.bias");
        if (bias.Shape.Count != 1 || bias.Shape[0] != rows)
            throw Refusal($"'{bias.Origin}' of shape {bias.Shape}", $"[{rows}]");
        foreach (var (part, name) in new[] { "to_q", "to_k", "to_v" }.Index())
        {
            torch.Tensor Part(torch.Tensor fused) => fused.view(heads, 3, rows / (3 * heads), -1).select(1, part);
            _made.Add(weight.Make(
                $"{to}.{name}.weight", TensorShape.Of(rows / 3, matrix[1]), fused => Part(fused).reshape(rows / 3, matrix[1])));
            _made.Add(bias.Make($"{to}.{name}.bias", TensorShape.Of(rows / 3), fused => Part(fused).reshape(rows / 3)));
        }
    }

    /// <summary>Takes a tensor and makes another of it.</summary>
    /// <param name="from">Its name there.</param>
    /// <param name="to">Its name here.</param>
    /// <param name="shape">The sizes of what is made, which has as many numbers.</param>
    /// <param name="make">How it is made.</param>
    public void Make(string from, string to, TensorShape shape, Func<torch.Tensor, torch.Tensor> make)
    {
        var tensor = Take(from);
        if (tensor.Shape.Elements != shape.Elements)
            throw Refusal($"'{tensor.Origin}' of shape {tensor.Shape}", $"{shape.Elements} numbers");
        _made.Add(tensor.Make(to, shape, make));
    }

    /// <summary>Takes a tensor whose sizes have been looked at, and makes another of it, of any number of numbers.</summary>
    /// <inheritdoc cref="Make"/>
    public void MakeOf(string from, string to, TensorShape shape, Func<torch.Tensor, torch.Tensor> make) =>
        _made.Add(Take(from).Make(to, shape, make));

    /// <summary>Takes two tensors and makes one of them.</summary>
    /// <param name="first">The name of one there.</param>
    /// <param name="second">The name of the other.</param>
    /// <param name="to">Its name here.</param>
    /// <param name="shape">The sizes of what is made.</param>
    /// <param name="make">How it is made.</param>
    public void Join(
        string first, string second, string to, TensorShape shape, Func<torch.Tensor, torch.Tensor, torch.Tensor> make)
    {
        var (one, other) = (Take(first), Take(second));
        _made.Add(one.Make(to, shape, whole =>
        {
            var part = torch.empty(other.Shape.ToArray(), torch.float32);
            other.CopyInto(part);
            return make(whole, part);
        }));
    }

    /// <summary>Takes several tensors, each of a size that is known, and makes one of them, computed in float64.</summary>
    /// <param name="from">Their names there.</param>
    /// <param name="to">The name of the one here.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="sizes">The sizes of the others.</param>
    /// <param name="make">How it is made.</param>
    public void Combine(
        string[] from, string to, TensorShape shape, TensorShape[] sizes, Func<torch.Tensor[], torch.Tensor> make)
    {
        StoredTensor[] parts = [.. from.Select(Take)];
        foreach (var (part, size) in parts.Zip(sizes))
            if (!part.Shape.SequenceEqual(size))
                throw Refusal($"'{part.Origin}' of shape {part.Shape}", $"{size}");
        _made.Add(new(to, shape, target =>
        {
            using var scope = torch.NewDisposeScope();
            target.copy_(make([.. parts.Select(part =>
            {
                var whole = torch.empty(part.Shape.ToArray(), torch.float64);
                part.CopyInto(whole);
                return whole;
            })]));
        }) { Origin = parts[0].Origin });
    }

    /// <summary>That what is there is not what a network of the program has.</summary>
    public InputException Refusal(string found, string expected) => new(_path, found, expected);

    private TensorShape Matrix(StoredTensor weight) =>
        weight.Shape.Count is >= 2 and <= 4 && weight.Shape.Skip(2).All(size => size == 1) && weight.Shape.Elements > 0
            ? TensorShape.Of(weight.Shape[0], weight.Shape[1])
            : throw Refusal($"'{weight.Origin}' of shape {weight.Shape}", "a convolution of one pixel");

    private StoredTensor Find(string name) =>
        _left.TryGetValue(name, out var tensor) ? tensor : throw Refusal($"no tensor '{name}'", $"a whole network of {_family}");

    private StoredTensor Take(string name)
    {
        var tensor = Find(name);
        _left.Remove(name);
        return tensor;
    }
}
