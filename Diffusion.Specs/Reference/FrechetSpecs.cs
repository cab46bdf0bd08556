using System.Runtime.InteropServices;
using Diffusion.Math.Evaluation;
using Diffusion.Math.Numerics;
using Diffusion.Model.Evaluation;
using Diffusion.Model.Formats.Numpy;
using TorchSharp;

namespace Diffusion.Specs.Reference;

/// <summary>Distances and scores of pytorch-fid, torch-fidelity and guided-diffusion, case by case.</summary>
public sealed class FrechetSpecs
{
    private const string FileName = "frechet.json";
    private const double FullRankTolerance = 1e-8;
    private const double DeficientTolerance = 1e-6;
    private const double SameSetTolerance = 1e-6;
    private const double ClosedFormTolerance = 1e-10;
    private const double RoundingTolerance = 1e-12;

    // Squared radii are stored as float32.
    private const double Float32Tolerance = 1e-6;

    // Beyond this, plain C# takes too long for a spec; larger cases are checked on tensors alone, all others both ways.
    private const int LargestPureDimension = 256;

    public static TheoryData<string> Distances => Names(ReferenceFile.Open(FileName).Objects("cases"));
    public static TheoryData<string> KernelDistances => Names(ReferenceFile.Open(FileName).Object("kid").Objects("cases"));
    public static TheoryData<string> InceptionScores => Names(ReferenceFile.Open(FileName).Object("inception_score").Objects("cases"));
    public static TheoryData<string> Coverings => Names(ReferenceFile.Open(FileName).Object("precision_recall").Objects("cases"));

    [Fact]
    public void Every_section_of_the_file_is_interpreted()
    {
        var file = ReferenceFile.Open(FileName);
        file.Ignore("source", "split", "cases", "closed_form", "kid", "inception_score", "precision_recall");
        file.Complete();
        foreach (var section in new[] { "kid", "inception_score", "precision_recall" })
        {
            var cases = file.Object(section);
            cases.Ignore("source", "cases");
            cases.Complete();
        }
    }

    [Theory]
    [MemberData(nameof(Distances))]
    public void Statistics_and_distance_agree(string name)
    {
        var reference = ReferenceFile.Open(FileName).Objects("cases").Single(item => item.Text("name") == name);
        var (x, y) = (Features(reference, "key1", "N1", ""), Features(reference, "key2", "N2", "2"));
        Check(reference, (x, y), (Folded(x).Fit(), Folded(y).Fit()), Spectrum.RootTrace);
        if (x.Dimension <= LargestPureDimension)
            Check(reference, (x, y), (FeatureStatistics.Of(x).Fit(), FeatureStatistics.Of(y).Fit()), RootTrace.Of);
        reference.Complete();
    }

    private static void Check(
        ReferenceObject reference, (FeatureMatrix X, FeatureMatrix Y) features, (NormalFit First, NormalFit Second) fits,
        RootTraceFunction rootTrace)
    {
        var (name, (x, y), (first, second)) = (reference.Text("name"), features, fits);
        var distance = FrechetDistance.Between(first, second, rootTrace);
        var deficient = reference.Has("rank_deficient") && reference["rank_deficient"].GetBoolean();
        var tolerance = deficient ? DeficientTolerance : FullRankTolerance;
        CheckDistance(reference.Number("fid_exact"), distance.Value, tolerance, name);
        // The peers take square roots of matrices that a rank-deficient covariance makes singular: they are off by up to 5e-7.
        foreach (var peer in new[] { "fid_pytorch_fid", "fid_torch_fidelity" }.Where(reference.Has))
            CheckDistance(reference.Number(peer), distance.Value, tolerance, $"{name} {peer}");
        if (reference.Has("trace1"))
        {
            Near(reference.Number("mean_sq"), distance.Means, ClosedFormTolerance, name);
            Near(reference.Number("trace1"), distance.FirstTrace, ClosedFormTolerance, name);
            Near(reference.Number("trace2"), distance.SecondTrace, ClosedFormTolerance, name);
            Near(reference.Number("fro1"), Frobenius(first), ClosedFormTolerance, name);
            Near(reference.Number("fro2"), Frobenius(second), ClosedFormTolerance, name);
            AllNear(reference.Numbers("probe_X"), Probe(x), RoundingTolerance, name);
            AllNear(reference.Numbers("probe_Y"), Probe(y), RoundingTolerance, name);
            AllNear(reference.Numbers("probe_cov1"), Probe(first.Covariance), ClosedFormTolerance, name);
        }
        if (reference.Has("npz"))
        {
            var arrays = ReadNpz(reference.Text("npz"));
            var (left, right) = (Fit(arrays["mu1"], arrays["sigma1"]), Fit(arrays["mu2"], arrays["sigma2"]));
            AllNear(arrays["mu1"], first.Mean.ToArray(), ClosedFormTolerance, name);
            AllNear(arrays["sigma2"], second.Covariance.Values.ToArray(), ClosedFormTolerance, name);
            CheckDistance(reference.Number("fid_exact"), FrechetDistance.Between(left, right, rootTrace).Value, tolerance, $"{name} npz");
        }
    }

    [Fact]
    public void Diagonal_covariances_agree_with_the_closed_form()
    {
        foreach (var reference in ReferenceFile.Open(FileName).Objects("closed_form"))
        {
            var first = new NormalFit(reference.Numbers("mu1"), SymmetricMatrix.Diagonal(reference.Numbers("var1")));
            var second = new NormalFit(reference.Numbers("mu2"), SymmetricMatrix.Diagonal(reference.Numbers("var2")));
            var distance = FrechetDistance.Between(first, second).Value;
            Near(reference.Number("fid"), distance, ClosedFormTolerance, reference.Path);
            Near(reference.Number("fid_pytorch_fid"), distance, ClosedFormTolerance, reference.Path);
            reference.Complete();
        }
    }

    [Theory]
    [MemberData(nameof(KernelDistances))]
    public void Kernel_distance_agrees(string name)
    {
        CheckKernelDistance(ReferenceFile.Open(FileName).Object("kid").Objects("cases").Single(item => item.Text("name") == name));
    }

    internal static void CheckKernelDistance(ReferenceObject reference)
    {
        var name = reference.Text("name");
        var (x, y) = (Features(reference, ("key1", "N1", "X"), ""), Features(reference, ("key2", "N2", "Y"), "2"));
        reference.Ignore("rank_deficient", "note");
        var kernel = new PolynomialKernel();
        var whole = KernelDistance.Between(x, y, kernel);
        Near(reference.Number("mmd2_unbiased"), whole.Unbiased, RoundingTolerance, name);
        Near(reference.Number("mmd2_biased"), whole.Biased, RoundingTolerance, name);

        var prescribed = reference.Object("subsets");
        var size = prescribed.Integer("size");
        var pairs = prescribed["indices1"].EnumerateArray().Zip(prescribed["indices2"].EnumerateArray(), (first, second) => new SubsetPair(
            first.EnumerateArray().Select(index => index.GetInt32()).ToArray(),
            second.EnumerateArray().Select(index => index.GetInt32()).ToArray())).ToArray();
        Assert.All(pairs, pair => Assert.Equal((size, size), (pair.First.Length, pair.Second.Length)));
        double[] values = [.. KernelDistance.OverSubsets(x, y, kernel, pairs).Select(distance => distance.Unbiased)];
        AllNear(prescribed.Numbers("values"), values, RoundingTolerance, name);
        if (prescribed.Has("values_torch_fidelity"))
            AllNear(prescribed.Numbers("values_torch_fidelity"), values, RoundingTolerance, name);
        var spread = Spread.Of(values);
        Near(prescribed.Number("mean"), spread.Mean, RoundingTolerance, name);
        Near(prescribed.Number("std_population"), spread.Deviation, RoundingTolerance, name);
        Near(prescribed.Number("std_sample"), spread.Deviation * Sqrt(values.Length / (values.Length - 1.0)), RoundingTolerance, name);
        prescribed.Complete();
        reference.Complete();
    }

    [Theory]
    [MemberData(nameof(InceptionScores))]
    public void Inception_score_agrees(string name)
    {
        var reference = ReferenceFile.Open(FileName).Object("inception_score").Objects("cases").Single(item => item.Text("name") == name);
        reference.Ignore("name", "note");
        var (n, classes) = (reference.Integer("N"), reference.Integer("classes"));
        double[] logits = reference.Has("key")
            ? [.. Formula.Symmetric(reference.Text("key"), n * classes).Select(value => reference.Number("scale") * value)]
            : reference.Numbers("logits");
        if (reference.Has("logits"))
            AllNear(reference.Numbers("logits"), logits, RoundingTolerance, name);
        reference.Ignore("scale");
        var parts = new ScoreParts.OfSize(reference.Integer("split_size"));
        Near(reference.Number("score"), Scores(logits, classes, parts).Mean, RoundingTolerance, name);
        if (reference.Has("torch_fidelity_mean"))
        {
            var equal = Scores(logits, classes, new ScoreParts.Consecutive(reference.Integer("torch_fidelity_splits")));
            Near(reference.Number("torch_fidelity_mean"), equal.Mean, RoundingTolerance, name);
            Near(reference.Number("torch_fidelity_std"), equal.Deviation, RoundingTolerance, name);
        }
        reference.Complete();
    }

    [Theory]
    [MemberData(nameof(Coverings))]
    public void Precision_and_recall_agree(string name)
    {
        var reference = ReferenceFile.Open(FileName).Object("precision_recall").Objects("cases").Single(item => item.Text("name") == name);
        reference.Ignore("name", "min_relative_gap");
        var (references, samples) = (
            Features(reference, ("key_ref", "N_ref", "ref"), ""), Features(reference, ("key_sample", "N_sample", "sample"), "2"));
        var k = reference.Integer("k");
        AllNear(reference.Numbers("radii_ref_squared"), PrecisionRecall.SquaredRadii(references, k), Float32Tolerance, name);
        AllNear(reference.Numbers("radii_sample_squared"), PrecisionRecall.SquaredRadii(samples, k), Float32Tolerance, name);
        var covering = PrecisionRecall.Between(references, samples, k);
        Near(reference.Number("precision"), covering.Precision, RoundingTolerance, name);
        Near(reference.Number("recall"), covering.Recall, RoundingTolerance, name);
        foreach (var (field, value) in new[] { ("precision", covering.Precision), ("recall", covering.Recall) })
            if (reference.Has($"torch_fidelity_{field}"))
                Near(reference.Number($"torch_fidelity_{field}"), value, Float32Tolerance, name);
        reference.Complete();
    }

    // By their keys, or as they stand there, or both, which then agree.
    private static FeatureMatrix Features(ReferenceObject reference, (string Key, string Count, string Array) fields, string transform)
    {
        if (!reference.Has(fields.Key))
        {
            reference.Ignore("d", fields.Count, "gain2", "shift2");
            return new(reference[fields.Array][0].GetArrayLength(), reference.Numbers(fields.Array));
        }
        var features = Features(reference, fields.Key, fields.Count, transform);
        if (reference.Has(fields.Array))
            AllNear(reference.Numbers(fields.Array), Values(features), RoundingTolerance, $"{reference.Path}.{fields.Array}");
        return features;
    }

    // X[n, j] = gain s_j (R[n, j] + R[n, j + 1] / 2) + m_j + shift, the second index modulo d.
    private static FeatureMatrix Features(ReferenceObject reference, string keyField, string countField, string transform)
    {
        var (key, n, d) = (reference.Text(keyField), reference.Integer(countField), reference.Integer("d"));
        var (gain, shift) = transform == "" ? (1, 0) : (reference.Number($"gain{transform}"), reference.Number($"shift{transform}"));
        var (r, s, m) = (Formula.Symmetric($"{key}:x", n * d), Formula.Unit01s($"{key}:s", d), Formula.Symmetric($"{key}:m", d));
        var values = new double[n * d];
        for (var i = 0; i < values.Length; i++)
        {
            var (row, j) = (i / d, i % d);
            values[i] = gain * (0.5 + s[j]) * (r[i] + 0.5 * r[row * d + (j + 1) % d]) + 0.3 * m[j] + shift;
        }
        return new(d, values);
    }

    // In batches of a size that divides nothing, as features come from a network.
    private static FeatureStatistics Folded(FeatureMatrix features)
    {
        using var moments = new FeatureAccumulator(features.Dimension);
        using var scope = torch.NewDisposeScope();
        var tensor = torch.empty(features.Count, features.Dimension, torch.float64);
        MemoryMarshal.AsBytes(features.Values).CopyTo(tensor.bytes);
        foreach (var batch in tensor.split(997))
            moments.Add(batch);
        return moments.ToStatistics();
    }

    private static Spread Scores(double[] logits, int classes, ScoreParts parts)
    {
        var assigned = parts.Assign(logits.Length / classes);
        var scores = Enumerable.Repeat(InceptionScore.Empty(classes), assigned.Max() + 1).ToArray();
        foreach (var (image, part) in assigned.Index())
            scores[part] = scores[part].Add(logits.AsSpan(image * classes, classes));
        return Spread.Of(scores.Select(score => score.Value));
    }

    private static double Frobenius(NormalFit fit) => Sqrt(fit.Covariance.Values.ToArray().Sum(value => value * value));

    // First, last and middle entry.
    private static double[] Probe(FeatureMatrix x) =>
        [x.Row(0)[0], x.Row(x.Count - 1)[x.Dimension - 1], x.Row(x.Count / 2)[x.Dimension / 2]];

    private static double[] Probe(SymmetricMatrix m) => [m[0, 0], m[0, Min(1, m.Dimension - 1)], m[m.Dimension / 2, m.Dimension - 1]];

    private static double[] Values(FeatureMatrix x) => x.Values.ToArray();

    private static NormalFit Fit(double[] mean, double[] covariance) => new(mean, SymmetricMatrix.Of(mean.Length, covariance));

    private static TheoryData<string> Names(IEnumerable<ReferenceObject> cases) => [.. cases.Select(item => item.Text("name"))];

    private static void CheckDistance(double expected, double actual, double tolerance, string what)
    {
        // Two equal sets: what is left is the rounding of the traces.
        if (Abs(expected) < SameSetTolerance)
            Assert.True(Abs(actual) < SameSetTolerance, $"{what}: {actual} instead of 0");
        else
            Near(expected, actual, tolerance, what);
    }

    private static void AllNear(double[] expected, double[] actual, double tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        foreach (var (left, right) in expected.Zip(actual))
            Near(left, right, tolerance, what);
    }

    private static void Near(double expected, double actual, double tolerance, string what) =>
        Assert.True(Abs(actual - expected) <= tolerance * Max(1e-3, Abs(expected)), $"{what}: {actual} instead of {expected}");

    private static Dictionary<string, double[]> ReadNpz(string name)
    {
        using var file = Npz.Open(Repository.ReferencePath(name));
        return file.Entries.ToDictionary(entry => entry.Name, entry => entry.Read<double>().Values);
    }
}
