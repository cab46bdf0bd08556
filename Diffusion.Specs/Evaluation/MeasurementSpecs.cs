using Diffusion.Host.Measuring;
using Diffusion.Math.Evaluation;
using Diffusion.Math.Numerics;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Numpy;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Images;
using Diffusion.Model.Runs;
using Diffusion.Model.Runtime;
using Diffusion.Specs.Data;
using Diffusion.Specs.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Evaluation;

public sealed class MeasurementSpecs : IDisposable
{
    // What statistics in a file may differ by from those in memory: they are the same doubles.
    private const double FileTolerance = 1e-9;

    private static readonly ExtractorIdentity Genuine =
        new("inception", InceptionV3.GenuineSha256, new InceptionProtocol.PytorchFid().Name, FeatureArithmetic.Float32);

    private static readonly MeasurementProtocol Protocol = new(
        Genuine, new("aa", 50000), 10000, new DrawnSamples("0.9999", "bb", 1000, "none"));

    private static readonly Metric Frechet = new FrechetMetric();

    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly FeatureExtractor _network = FeatureExtractor.CifarNet(CPU);
    private readonly ImageSet _train = Dataset.Cifar10.Sample(Split.Train)
        .Pick([.. Enumerable.Range(0, 512)], Dataset.Cifar10.Describe(Split.Train, "a spec"));
    private readonly ImageSet _test = Dataset.Cifar10.Sample(Split.Test);

    public void Dispose()
    {
        _network.Dispose();
        _train.Dispose();
        _test.Dispose();
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_distance_through_statistics_files_is_the_distance_through_memory()
    {
        using var reference = Measured(_train);
        using var samples = Measured(_test);
        StatisticsFile.Write(_folder["train.npz"], reference);
        StatisticsFile.Write(_folder["test.npz"], samples);
        using var stored = StatisticsFile.Read(_folder["train.npz"]);
        using var other = StatisticsFile.Read(_folder["test.npz"]);
        var (direct, filed) = (Between(reference, samples), Between(stored, other));
        Assert.Equal(direct.Values[0].Value, filed.Values[0].Value, FileTolerance);
        Assert.Empty(MeasurementProtocol.Differences(direct.Protocol.Fields, filed.Protocol.Fields));
    }

    [Fact]
    public void One_comparison_gives_every_measure_under_a_name_that_says_whose_features_they_are()
    {
        Sequence<Metric> metrics =
        [
            Frechet, new KernelMetric { Subsets = new(5, 100) }, new InceptionScoreMetric { Parts = new ScoreParts.Shuffled(3) },
            new PrecisionRecallMetric(),
        ];
        var measurement = Measurement.Of(_network, Input(_train), Input(_test), metrics);
        Assert.Equal(
            [
                "fd_cifarnet", "kd_cifarnet", "kd_cifarnet_std", "is_cifarnet", "is_cifarnet_std",
                "precision_cifarnet", "recall_cifarnet", "density_cifarnet", "coverage_cifarnet",
            ],
            measurement.Values.Select(value => value.Name));
        Assert.All(measurement.Values, value => Assert.True(double.IsFinite(value.Value), value.Name));
    }

    [Fact]
    public void Measures_that_need_the_images_are_refused_where_only_statistics_are_known()
    {
        using var samples = Measured(_test);
        Assert.Contains("feature vectors", Assert.Throws<ArgumentException>(
            () => Measurement.Between(samples, samples, [new PrecisionRecallMetric()])).Message);
        Assert.Contains("class probabilities", Assert.Throws<ArgumentException>(
            () => Measurement.Between(samples, samples, [new InceptionScoreMetric()])).Message);
    }

    [Fact]
    public void Fewer_images_than_features_are_noticed()
    {
        using var few = _test.Pick([.. Enumerable.Range(0, 100)], Dataset.Cifar10.Describe(Split.Test, "a spec"));
        using var small = Measured(few);
        using var reference = Measured(_train);
        Assert.True(Between(reference, small).IsSmall);
        Assert.False(Between(reference, reference).IsSmall);
    }

    [Fact]
    public void Rows_of_one_protocol_compare() =>
        Assert.Empty(MeasurementProtocol.Differences(Protocol.Fields, (Protocol with { }).Fields));

    [Fact]
    public void Rows_whose_protocols_differ_do_not_compare_and_the_fields_are_named()
    {
        var changed = new (string Field, MeasurementProtocol Protocol)[]
        {
            ("n", Protocol with { Count = 9984 }),
            ("ema", Protocol with { Drawn = Protocol.Drawn! with { Average = "none" } }),
            ("plan_sha256", Protocol with { Drawn = Protocol.Drawn! with { PlanSha256 = "cc" } }),
            ("nfe", Protocol with { Drawn = Protocol.Drawn! with { NetworkCalls = 50 } }),
            ("guidance", Protocol with { Drawn = Protocol.Drawn! with { Guidance = "w = 3" } }),
            ("extractor", Protocol with { Extractor = Genuine with { Name = "lenet" } }),
            ("weights_sha256", Protocol with { Extractor = Genuine with { WeightsSha256 = "dd" } }),
            ("resize", Protocol with { Extractor = Genuine with { Preparation = "torch-fidelity" } }),
            ("arithmetic", Protocol with { Extractor = Genuine with { Arithmetic = FeatureArithmetic.Float64 } }),
            ("reference_sha256", Protocol with { Reference = new("ee", 50000) }),
            ("reference_n", Protocol with { Reference = new("aa", 10000) }),
        };
        foreach (var (field, other) in changed)
            Assert.Equal(field, Assert.Single(MeasurementProtocol.Differences(Protocol.Fields, other.Fields)).Name);
        Assert.Contains("n (10000 and unknown)",
            MeasurementProtocol.Differences(Protocol.Fields, (Protocol with { Count = null }).Fields)[0].ToString());
        // Every field but the constant one can differ, and is in the list above.
        Assert.Equal(Protocol.Fields.Select(field => field.Name)
            .Where(name => name != "rounding"), changed.Select(change => change.Field).OrderBy(
                name => Protocol.Fields.ToList().FindIndex(field => field.Name == name)));
    }

    [Fact]
    public void Kernel_distances_over_other_subsets_do_not_compare_but_a_row_without_one_does()
    {
        Sequence<ProtocolField> Of(KernelSubsets subsets) => FieldsOf(new KernelMetric { Subsets = subsets }, 50000, 50000);
        Assert.Equal("kid_subsets", Assert.Single(MeasurementProtocol.Differences(Of(new(100, 1000)), Of(new(50, 1000)))).Name);
        Assert.Equal("kid_subset_size", Assert.Single(MeasurementProtocol.Differences(Of(new(100, 1000)), Of(new(100, 300)))).Name);
        Assert.Empty(MeasurementProtocol.Differences(Of(new(100, 1000)), Protocol.Fields));
    }

    [Fact]
    public void Precision_and_recall_by_other_neighbours_or_references_do_not_compare_but_a_row_without_them_does()
    {
        Sequence<ProtocolField> Of(int neighbour, int references) =>
            FieldsOf(new PrecisionRecallMetric { Neighbour = neighbour }, references, 10000);
        Assert.Equal("nearest_k (3 and 5)", Assert.Single(MeasurementProtocol.Differences(Of(3, 1000), Of(5, 1000))).ToString());
        Assert.Equal(
            "nearest_references (1000 and 50000)", Assert.Single(MeasurementProtocol.Differences(Of(3, 1000), Of(3, 50000))).ToString());
        Assert.Empty(MeasurementProtocol.Differences(Of(3, 1000), Protocol.Fields));
    }

    [Fact]
    public void Subsets_that_are_larger_than_a_set_shrink_to_it_and_that_is_said()
    {
        Measurement Of(int size) => Measurement.Of(_network, Input(_train), Input(_test), new KernelMetric { Subsets = new(2, size) });
        var shrunk = Of(1000);
        Assert.Contains(new("kid_subset_size", "300"), shrunk.Protocol.Fields);
        Assert.Contains(("kid_subsets_shrunk_from", 1000.0), shrunk.Facts);
        Assert.Contains("over subsets of 300 instead of 1000", MeasurementText.Table(new("a", "b", "", shrunk)));
        var whole = Of(300);
        Assert.Contains(("kid_subsets_shrunk_from", null), whole.Facts);
        Assert.DoesNotContain("instead of", MeasurementText.Table(new("a", "b", "", whole)));
    }

    [Theory]
    [InlineData("mu", "sigma")]
    [InlineData("m2", "s2")]
    [InlineData("mean", "cov")]
    public void Statistics_of_other_tools_are_read(string mean, string covariance)
    {
        Npz.Write(_folder["peer.npz"],
        [
            (covariance, NpyArray.Of(new NdArray<float>(TensorShape.Of(2, 2), [2, 1, 1, 3]))),
            (mean, NpyArray.Of(NdArray<double>.Vector(1, 2))),
        ]);
        using var read = StatisticsFile.Read(_folder["peer.npz"]);
        Assert.Equal([1, 2], read.Fit.Mean);
        Assert.Equal(SymmetricMatrix.Of(2, [2, 1, 1, 3]), read.Fit.Covariance);
        Assert.Null(read.Fit.Count);
        Assert.Matches("^[0-9a-f]{64}$", read.Sha256);
    }

    [Fact]
    public void Bad_statistics_are_refused_in_one_line_that_names_the_file()
    {
        Refused("mu of [3] and sigma of [2, 2]", ("mu", Vector(1, 2, 3)), ("sigma", Matrix(2, 1, 0, 0, 1)));
        Refused("NaN", ("mu", Vector(1, double.NaN)), ("sigma", Matrix(2, 1, 0, 0, 1)));
        Refused("NaN", ("mu", Vector(1, 2)), ("sigma", Matrix(2, 1, double.NaN, double.NaN, 1)));
        Refused("not symmetric", ("mu", Vector(1, 2)), ("sigma", Matrix(2, 1, 0, 5, 1)));
        Refused("variance of feature 1", ("mu", Vector(1, 2)), ("sigma", Matrix(2, 1, 0, 0, -1)));
        Refused("mu with the number 1E+200", ("mu", Vector(1, 1e200)), ("sigma", Matrix(2, 1, 0, 0, 1)));
        Refused("sigma with the number 1E+60", ("mu", Vector(1, 2)), ("sigma", Matrix(2, 1e60, 0, 0, 1)));
        Refused("the arrays arr_0", ("arr_0", Vector(1, 2)));
        Refused("int64", ("mu", NpyArray.Of(NdArray<long>.Vector(1, 2))), ("sigma", Matrix(2, 1, 0, 0, 1)));
        File.WriteAllText(_folder["bad.npz"], "PK but no archive");
        Assert.Contains("bad.npz", Assert.Throws<InputException>(() => StatisticsFile.Read(_folder["bad.npz"])).Message);
        Assert.Contains("missing.npz", Assert.Throws<InputException>(() => StatisticsFile.Read(_folder["missing.npz"])).Message);
    }

    [Fact]
    public void Statistics_of_other_or_of_unknown_features_do_not_compare()
    {
        using var samples = Measured(_test);
        StatisticsFile.Write(_folder["test.npz"], samples);
        using var stored = StatisticsFile.Read(_folder["test.npz"]);
        Assert.Equal(_network.Identity, stored.Extractor);
        Assert.Contains(
            "do not compare", Assert.Throws<ArgumentException>(() => Between(samples with { Extractor = Genuine }, stored)).Message);
        Assert.Contains(
            "Features of (unknown)", Assert.Throws<ArgumentException>(() => Between(samples with { Extractor = null }, stored)).Message);
        Assert.Contains("do not compare",
            Assert.Throws<ArgumentException>(() => Between(samples with { Extractor = null }, stored with { Extractor = null })).Message);
        var assumed = Between(samples with { Assumed = "pytorch-fid" }, stored).Protocol;
        Assert.Equal("reference: pytorch-fid", assumed.Assumed);
        Assert.Equal(
            "assumed", Assert.Single(MeasurementProtocol.Differences(assumed.Fields, Between(samples, stored).Protocol.Fields)).Name);
    }

    [Fact]
    public void Images_in_an_array_are_read_in_either_layout()
    {
        var planes = _test.Images.narrow(0, 0, 5);
        Npz.Write(_folder["last.npz"], [("arr_0", NpyArray.Of(planes.permute(0, 2, 3, 1).contiguous()))]);
        Npz.Write(_folder["first.npz"], [("images", NpyArray.Of(planes))]);
        foreach (var name in new[] { "last.npz", "first.npz" })
        {
            using var read = ImageArray.Read(_folder[name]);
            Assert.True(read.Images.equal(planes).all().item<bool>());
        }
        Npz.Write(_folder["five.npz"], [("arr_0", NpyArray.Of(zeros(2, 5, 8, 8, ScalarType.Byte)))]);
        Assert.Contains("[2, 5, 8, 8]", Assert.Throws<InputException>(() => ImageArray.Read(_folder["five.npz"])).Message);
        Npz.Write(_folder["float.npz"], [("arr_0", NpyArray.Of(zeros(2, 3, 8, 8)))]);
        Assert.Contains("float32", Assert.Throws<InputException>(() => ImageArray.Read(_folder["float.npz"])).Message);
    }

    [Fact]
    public void A_reference_is_measured_once()
    {
        var cache = new ReferenceCache(_folder["cache"]);
        using var first = cache.Find("aa", _network.Identity, () => Measured(_test) with { Sha256 = "aa" });
        using var second = cache.Find("aa", _network.Identity, () => throw new InvalidOperationException("measured twice"));
        Assert.Equal(first.Fit, second.Fit);
        Assert.NotEqual(cache.PathOf("aa", _network.Identity), cache.PathOf("bb", _network.Identity));
        Assert.NotEqual(cache.PathOf("aa", _network.Identity), cache.PathOf("aa", _network.Identity with { Preparation = "other" }));

        File.WriteAllText(cache.PathOf("aa", _network.Identity), "damage");
        using var third = cache.Find("aa", _network.Identity, () => Measured(_test) with { Sha256 = "aa" });
        Assert.Equal(first.Fit, third.Fit);
    }

    [Fact]
    public void Samples_are_measured_as_files_of_them_would_be()
    {
        using var meter = new FeatureMeter(FeatureExtractor.CifarNet(CPU), new(_train, _test, ""), [Frechet], new(_folder["cache"]));
        using var reference = Measured(_train);
        using var samples = Measured(_test);
        var expected = Between(reference, samples).Values[0];
        // Less than half a step of a byte away from what was measured.
        var almost = Pixels.ToNumbers(_test.Images).Plus(Drawn.Uniform(_test.Images.shape).Times(2).Minus(1).Times(0.3 / 127.5));
        var measured = Assert.Single(meter.Measure(almost.clamp(Number.Of(-1), Number.One), _ => null));
        Assert.Equal("fd_cifarnet", measured.Name);
        Assert.Equal(expected.Value, measured.Value, 1e-4);
        Assert.Equal(new Floor("fd_cifarnet", expected.Value, _test.Count), Assert.Single(meter.FloorOf(1_000_000)));
        // Fewer images are further away; they are spread over all, which may be in the order of their classes.
        var few = Assert.Single(meter.FloorOf(_test.Count / 4));
        Assert.Equal(_test.Count / 4, few.Count);
        Assert.True(few.Value > expected.Value);
        Assert.Contains($"reference {ImageHash.Of(_train, default)} of 512", meter.Provenance);
    }

    [Fact]
    public void Samples_that_are_not_finite_are_refused_or_have_no_number_and_the_reason_is_said()
    {
        using var diverged = full([2, 3, 32, 32], Number.Of(double.NaN), float32);
        using var evaluator = new Evaluator(_network, Input(_train), [Frechet, new PrecisionRecallMetric()]);
        var refusal = Assert.Throws<InputException>(() => evaluator.Measure(new EvaluationInput.OfTensor(diverged)));
        Assert.Equal(
            "samples: found 6144 of 6144 image values are not finite numbers; expected samples that an image can hold.", refusal.Message);
        var found = evaluator.Measure(new EvaluationInput.OfTensor(diverged), NonFiniteSamples.NotANumber);
        Assert.Equal(evaluator.Columns, found.Values.Select(value => value.Name));
        Assert.All(found.Values, value => Assert.Equal(double.NaN, value.Value));
        Assert.Equal("6144 of 6144 image values are not finite numbers", Assert.Single(found.Notes).Text);
    }

    private static NpyArray Vector(params double[] values) => NpyArray.Of(NdArray<double>.Vector(values));

    private static NpyArray Matrix(int d, params double[] values) => NpyArray.Of(new NdArray<double>(TensorShape.Of(d, d), values));

    private void Refused(string because, params (string, NpyArray)[] arrays)
    {
        Npz.Write(_folder["bad.npz"], arrays);
        var message = Assert.Throws<InputException>(() => StatisticsFile.Read(_folder["bad.npz"])).Message;
        Assert.Contains("bad.npz", message);
        Assert.Contains(because, message);
        Assert.DoesNotContain('\n', message);
    }

    private static Sequence<ProtocolField> FieldsOf(Metric metric, long references, long samples) =>
        (Protocol with { OfMetrics = metric.Fields(references, samples) }).Fields;

    private static EvaluationInput.OfOneSize Input(ImageSet images) => new(images, "images");

    private static Measurement Between(FeatureSet reference, FeatureSet samples) => Measurement.Between(reference, samples, [Frechet]);

    private FeatureSet Measured(ImageSet images) => Input(images).Measure(_network, [], new());
}
