using System.Runtime.InteropServices;
using System.Text.Json;
using Diffusion.Math.Evaluation;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Reference;

/// <summary>pytorch-fid's Inception network, with weights and images by formula: names, maps, features, logits and distances.</summary>
public sealed class InceptionSpecs : IDisposable
{
    private const string FileName = "inception.json";
    private const double Float64Tolerance = 1e-9;
    private const double Float32Tolerance = 2e-5;
    private const double DistanceTolerance = 1e-6;

    private readonly ReferenceObject _file = ReferenceFile.Open(FileName);
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Every_field_of_the_file_is_interpreted()
    {
        _file.Ignore("source", "split", "logits_note", "weight_salt", "num_parameters", "state_dict", "weight_probe");
        _file.Ignore("images", "features", "resized_normalised", "logits", "logits_unbiased", "fid");
        _file.Complete();
    }

    [Fact]
    public void Names_shapes_and_order_of_the_weights_are_those_of_the_file()
    {
        var expected = _file["state_dict"].EnumerateArray()
            .Select(entry => (Name: entry[0].GetString()!, Shape: string.Join("x", entry[1].EnumerateArray()), Type: entry[2].GetString()))
            .ToLookup(entry => entry.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal));
        Assert.All(expected[true], counter => Assert.Equal(("", "int64"), (counter.Shape, counter.Type)));
        Assert.Equal(
            expected[false],
            InceptionV3.Shape.Weights.Select(weight => (weight.Name, string.Join("x", weight.Sizes), (string?)"float32")));
        Assert.Equal(_file["num_parameters"].GetInt64(), InceptionV3.Shape.Weights
            .Where(weight => !weight.Name.Contains("running_", StringComparison.Ordinal))
            .Sum(weight => weight.Sizes.Aggregate((a, b) => a * b)));
        Assert.Equal([64, 192, 768, 2048], InceptionV3.Shape.Dimensions);
    }

    [Fact]
    public void Features_logits_and_distances_agree_in_float64()
    {
        using var weights = Weights(_file.Text("weight_salt"), float64);
        CheckProbes(weights);
        var network = new FeatureNetwork(weights, new PlainConvolver(weights.Tensors, BatchStatistics.Frozen));
        var images = _file.Object("images");
        int[] numbers = [.. images["n"].EnumerateArray().Select(number => number.GetInt32())];
        var decoded = Decoded(images, numbers);
        Near(images.Numbers("probe_NCHW"), Flat(decoded)[..images.Numbers("probe_NCHW").Length], 0, "probe");
        Assert.Equal(images.Number("sum"), decoded.to(float64).sum().item<double>());
        images.Complete();

        var prepared = new InceptionProtocol.PytorchFid().Prepare(decoded, float64);
        CheckSummary(_file.Object("resized_normalised"), prepared, Float64Tolerance);
        var vectors = CheckMaps(network.Maps(prepared));
        CheckLogits(vectors[^1], weights);
        CheckDistances(number => Array.IndexOf(numbers, number) is >= 0 and var known
            ? [.. vectors.Select(block => block.narrow(0, known, 1))]
            : [.. network.Maps(new InceptionProtocol.PytorchFid().Prepare(Decoded(images, [number]), float64))
                .Select(FeatureNetwork.Vectors)]);
    }

    [Fact]
    public void Features_agree_in_float32()
    {
        using var weights = Weights(_file.Text("weight_salt"), float32);
        using var folded = new FoldedConvolver(weights);
        var network = new FeatureNetwork(weights, folded);
        var images = _file.Object("images");
        var decoded = Decoded(images, [.. images["n"].EnumerateArray().Select(number => number.GetInt32())]);
        foreach (var map in network.Maps(new InceptionProtocol.PytorchFid().Prepare(decoded, float32)))
            Near(_file.Object("features").Object($"{map.shape[1]}").Numbers("pooled_float64"), Flat(FeatureNetwork.Vectors(map)),
                Float32Tolerance, $"float32 {map.shape[1]}");
    }

    private Tensor[] CheckMaps(IReadOnlyList<Tensor> maps)
    {
        var features = _file.Object("features");
        foreach (var map in maps)
        {
            var (reference, vectors) = (features.Object($"{map.shape[1]}"), FeatureNetwork.Vectors(map));
            // The file pools the last block before it is summarised.
            var summarised = reference.Numbers("map_shape")[2..] is [1, 1] ? vectors.view(map.shape[0], -1, 1, 1) : map;
            Assert.Equal(reference.Numbers("map_shape"), summarised.shape.Select(size => (double)size));
            CheckSummary(reference.Object("map_summary"), summarised, Float64Tolerance);
            Near(reference.Numbers("pooled_float64"), Flat(vectors), Float64Tolerance, reference.Path);
            Near([reference.Number("pooled_mean"), reference.Number("pooled_std")],
                [vectors.mean().item<double>(), vectors.std().item<double>()],
                Float64Tolerance, reference.Path);
            reference.Ignore("float32_max_abs_diff");
            reference.Complete();
        }
        features.Complete();
        return [.. maps.Select(FeatureNetwork.Vectors)];
    }

    private void CheckLogits(Tensor vectors, NetworkWeights weights)
    {
        var unbiased = vectors.matmul(weights.Tensors["fc.weight"].mT);
        CheckSummary(_file.Object("logits_unbiased"), unbiased, Float64Tolerance);
        CheckSummary(_file.Object("logits"), unbiased.Plus(weights.Tensors["fc.bias"]), Float64Tolerance);
    }

    private void CheckDistances(Func<int, Tensor[]> vectorsOf)
    {
        var fid = _file.Object("fid");
        var (a, b) = (Statistics(fid["set_a"], vectorsOf), Statistics(fid["set_b"], vectorsOf));
        foreach (var reference in fid.Objects("cases"))
        {
            var block = InceptionV3.Shape.Dimensions.ToList().IndexOf(reference.Integer("dims"));
            var distance = FrechetDistance.Between(a[block].Fit(), b[block].Fit(), Spectrum.RootTrace);
            Near([reference.Number("fid_exact"), reference.Number("mean_sq"), reference.Number("trace_a"), reference.Number("trace_b")],
                [distance.Value, distance.Means, distance.FirstTrace, distance.SecondTrace], DistanceTolerance, reference.Path);
            // Its matrix square root adds up to 5e-7 of noise where there are fewer images than dimensions.
            Near([reference.Number("fid_pytorch_fid")], [distance.Value], DistanceTolerance, reference.Path);
            reference.Complete();
        }
        fid.Complete();
    }

    private static FeatureStatistics[] Statistics(JsonElement numbers, Func<int, Tensor[]> vectorsOf)
    {
        var moments = InceptionV3.Shape.Dimensions.Select(dimension => new FeatureAccumulator(dimension)).ToArray();
        foreach (var number in numbers.EnumerateArray())
        {
            using var scope = NewDisposeScope();
            foreach (var (block, vectors) in vectorsOf(number.GetInt32()).Index())
                moments[block].Add(vectors);
        }
        return [.. moments.Select(block =>
        {
            using (block)
                return block.ToStatistics();
        })];
    }

    private void CheckProbes(NetworkWeights weights)
    {
        foreach (var probe in _file["weight_probe"].EnumerateArray())
        {
            var name = probe[0].GetString()!;
            // Counters of training batches are no weights; the formula sets them to 1000.
            var values = name.EndsWith("num_batches_tracked", StringComparison.Ordinal) ? [1000] : Flat(weights.Tensors[name]);
            Near([probe[1].GetDouble(), probe[2].GetDouble()], [values[0], values[^1]], 0, name);
        }
    }

    // (x (3 + n) + y (5 + 2n) + 40 c + x y (n + 1) / 4) mod 256, in integers.
    private static Tensor Decoded(ReferenceObject images, int[] numbers)
    {
        var (height, width) = (images.Integer("height"), images.Integer("width"));
        var bytes = from n in numbers
                    from c in Enumerable.Range(0, 3)
                    from y in Enumerable.Range(0, height)
                    from x in Enumerable.Range(0, width)
                    select (byte)(x * (3 + n) + y * (5 + 2 * n) + 40 * c + x * y * (n + 1) / 4);
        return Model.Images.Pixels.FromBytes([.. bytes], numbers.Length, 3, height, width);
    }

    private static NetworkWeights Weights(string salt, ScalarType type) => NetworkWeights.From(InceptionV3.Shape, weight =>
    {
        var sizes = weight.Sizes.ToArray();
        var values = empty(sizes, float32);
        var written = MemoryMarshal.Cast<byte, float>(values.bytes);
        var sine = Formula.Symmetric($"{salt}:{weight.Name}", (int)values.numel());
        var (centre, spread) = weight.Name.Split('.')[^2..] switch
        {
            ["conv", "weight"] => (0, Sqrt(6.0 / sizes[1..].Aggregate((a, b) => a * b))),
            ["fc", "weight"] => (0, Sqrt(3.0 / sizes[1])),
            ["bn", "weight" or "running_var"] => (1, 0.2),
            _ => (0, 0.1),
        };
        for (var i = 0; i < sine.Length; i++)
            written[i] = (float)(centre + spread * sine[i]);
        return values.to(type);
    });

    private static void CheckSummary(ReferenceObject summary, Tensor tensor, double tolerance)
    {
        if (summary.Numbers("shape")[0] < tensor.shape[0])
            tensor = tensor.narrow(0, 0, (long)summary.Numbers("shape")[0]);
        Assert.Equal(summary.Numbers("shape"), tensor.shape.Select(size => (double)size));
        var values = Flat(tensor);
        Near(summary.Numbers("probe_values"), [.. summary.Numbers("probe_indices").Select(index => values[(int)index])], tolerance,
            summary.Path);
        Near(
            [summary.Number("mean"), summary.Number("std_population"), summary.Number("max_abs")],
            [tensor.mean().item<double>(), PopulationDeviation(tensor), tensor.abs().max().item<double>()], tolerance, summary.Path);
        // Sums of a million terms carry a rounding of each.
        Near([summary.Number("sum") / values.Length, summary.Number("l2") / Sqrt(values.Length)],
            [values.Sum() / values.Length, Sqrt(values.Sum(value => value * value) / values.Length)], tolerance, summary.Path);
        summary.Complete();
    }

    private static double PopulationDeviation(Tensor tensor) => tensor.std(unbiased: false).item<double>();

    private static double[] Flat(Tensor tensor) => MemoryMarshal.Cast<byte, double>(tensor.to(float64).contiguous().bytes).ToArray();

    private static void Near(double[] expected, double[] actual, double tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Abs(actual[i] - expected[i]) <= tolerance * Max(1, Abs(expected[i])),
                $"{what} [{i}]: {actual[i]} instead of {expected[i]}");
    }
}
