using Diffusion.Math.Evaluation;
using Diffusion.Math.Values;
using Diffusion.Model.FeatureNetworks;

namespace Diffusion.Model.Evaluation;

/// <summary>Numbers, with the protocol that they belong to.</summary>
/// <param name="Values">What was measured, in the order of the columns.</param>
/// <param name="Protocol">What it depends on.</param>
public sealed record Measurement(Sequence<MeasuredValue> Values, MeasurementProtocol Protocol)
{
    /// <summary>√|λ| summed over eigenvalues that rounding made negative and that were taken as 0, in the unit of the distance.</summary>
    public double Clamped { get; init; }

    /// <summary>Whether one of the sets has fewer images than features, so that its covariance is singular and the distance far too large.</summary>
    public bool IsSmall { get; init; }

    /// <summary>The size of the kernel distance's subsets that was asked for, where the smaller set has not so many; else null.</summary>
    public int? ShrunkFrom { get; init; }

    /// <summary>Whether the Inception Score is that of all images at once, for they are fewer than the parts that were asked for.</summary>
    public bool IsOnePart { get; init; }

    /// <summary>Compares samples with a reference.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="wanted">What to compute beside the Fréchet distance.</param>
    /// <exception cref="ArgumentException">A side lacks the features asked for, the two were not made by the same network, or a side does not say by which.</exception>
    public static Measurement Between(MeasuredImages reference, MeasuredImages samples, WantedMeasures wanted)
    {
        var extractor = Common(reference, samples);
        var distance = FrechetDistance.Between(reference.Fit, samples.Fit, Spectrum.RootTrace);
        // What is only assumed to be of the genuine weights is not called after them.
        var named = Assumed(reference, samples) is null ? extractor : extractor with { WeightsSha256 = "" };
        var values = new List<MeasuredValue> { new(named.DistanceName, distance.Value) };
        var subsets = wanted.Kernel is { } full ? Fitting(full, Vectors(reference), Vectors(samples)) : null;
        if (subsets is not null)
            AddSpread(values, named.NameOf("kid", "kd"), Kernel(Vectors(reference), Vectors(samples), subsets));
        if (wanted.Score is not null)
            AddSpread(values, extractor.NameOf("is"), samples.Features?.Score ?? throw Missing("class probabilities"));
        if (wanted.Neighbour is { } neighbour)
        {
            var covering = PrecisionRecall.Between(Vectors(reference), Vectors(samples), neighbour);
            values.Add(new(named.NameOf("precision"), covering.Precision));
            values.Add(new(named.NameOf("recall"), covering.Recall));
            values.Add(new(named.NameOf("density"), covering.Density));
            values.Add(new(named.NameOf("coverage"), covering.Coverage));
        }
        var parts = wanted.Score is null ? (int?)null : samples.Features!.ScoreParts;
        var protocol = new MeasurementProtocol(extractor, reference.Identity, samples.Fit.Count, samples.Drawn)
        {
            Kernel = subsets,
            ScoreParts = parts,
            Neighbourhood = wanted.Neighbour is { } k ? new(k, Vectors(reference).Count) : null,
            Assumed = Assumed(reference, samples),
        };
        return new(values.ToSequence(), protocol)
        {
            IsOnePart = parts == 1 && wanted.Score!.Fitting((int)samples.Fit.Count!) != wanted.Score,
            ShrunkFrom = subsets is not null && subsets.Size < wanted.Kernel!.Size ? wanted.Kernel.Size : null,
            Clamped = distance.Root.Clamped,
            IsSmall = TooFew(reference.Fit) || TooFew(samples.Fit),
        };
    }

    /// <summary>Whether so many features leave a covariance singular; unknown numbers are trusted.</summary>
    public static bool TooFew(NormalFit fit) => fit.Count < fit.Dimension;

    // Features that nobody knows the network of compare with nothing, not even with each other, unless somebody says what made them.
    private static ExtractorIdentity Common(MeasuredImages reference, MeasuredImages samples)
    {
        var (first, second) = (reference.Extractor ?? ExtractorIdentity.Unknown, samples.Extractor ?? ExtractorIdentity.Unknown);
        return reference.Extractor is not null && first == second
            ? first
            : throw new ArgumentException($"Features of ({first}) and of ({second}) do not compare.", nameof(samples));
    }

    private static string? Assumed(MeasuredImages reference, MeasuredImages samples) => (reference.Assumed, samples.Assumed) switch
    {
        (null, null) => null,
        ({ } of, null) => $"reference: {of}",
        (null, { } of) => $"samples: {of}",
        var (of, _) => $"both: {of}",
    };


    private static KernelSubsets Fitting(KernelSubsets subsets, TensorFeatures reference, TensorFeatures samples) =>
        subsets with { Size = Min(subsets.Size, Min(reference.Count, samples.Count)) };

    private static Spread Kernel(TensorFeatures reference, TensorFeatures samples, KernelSubsets subsets)
    {
        var distances = KernelDistance.OverSubsets(reference, samples, new PolynomialKernel(), subsets.Draw(reference.Count, samples.Count));
        return Spread.Of(distances.Select(distance => distance.Unbiased));
    }

    private static void AddSpread(List<MeasuredValue> values, string name, Spread spread)
    {
        values.Add(new(name, spread.Mean));
        values.Add(new($"{name}_std", spread.Deviation));
    }

    private static TensorFeatures Vectors(MeasuredImages side) => side.Features?.Vectors ?? throw Missing("feature vectors");

    private static ArgumentException Missing(string what) =>
        new($"Statistics alone hold no {what}; this measure needs the images themselves on both sides.");
}

/// <summary>One measured number.</summary>
/// <param name="Name">The column.</param>
/// <param name="Value">The number.</param>
public readonly record struct MeasuredValue(string Name, double Value);

/// <summary>What to compute beside the Fréchet distance.</summary>
public sealed record WantedMeasures
{
    /// <summary>Subsets of the kernel distance (KID); null for none. Never larger than the smaller set.</summary>
    public KernelSubsets? Kernel { get; init; }

    /// <summary>Parts of the Inception Score of the samples; null for none.</summary>
    public ScoreParts? Score { get; init; }

    /// <summary>k of precision, recall, density and coverage; null for none.</summary>
    public int? Neighbour { get; init; }

    /// <summary>What the pass over the images has to keep for this.</summary>
    public WantedFeatures Features => new()
    {
        Score = Score,
        Vectors = Kernel is null && Neighbour is null ? KeptVectors.None : KeptVectors.All,
    };
}
