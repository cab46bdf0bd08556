using Diffusion.Math.Evaluation;
using Diffusion.Math.Likelihood;
using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Training;
using Diffusion.Math.Values;

namespace Diffusion.Specs;

/// <summary>
/// Generators of the mathematics' values, valid by construction: <c>[Properties(Arbitrary = [typeof(Arbitraries)])]</c> on a class of
/// specs. A case of a union that is not named here is drawn all the same: see <see cref="Cases.WithEveryCase{T}"/>.
/// Numbers lie on a grid of a thousandth, so that a counterexample can be read; it shrinks setting by setting.
/// </summary>
public static class Arbitraries
{
    private static readonly Gen<NoiseSchedule.Discrete> AnyDiscrete = Cases.WithEveryCase(Discrete);

    private static readonly Gen<NoiseSchedule> AnySchedule =
        Cases.WithEveryCase(Gen.OneOf(AnyDiscrete.Select(schedule => (NoiseSchedule)schedule), Continuous));

    private static readonly Gen<TimestepSpacing> AnyGrid = Cases.WithEveryCase(Grid);

    public static Arbitrary<NoiseSchedule> Schedules() =>
        Shrinking.Arbitrary(AnySchedule);

    public static Arbitrary<NoiseSchedule.Discrete> DiscreteSchedules() => Shrinking.Arbitrary(AnyDiscrete);

    public static Arbitrary<NoisyPair> NoisyPairs() => Shrinking.Arbitrary(Pairs);

    public static Arbitrary<NoisyMarginal> NoisyMarginals() => Shrinking.Arbitrary(Pairs.Select(pair => new NoisyMarginal(pair.Later)));

    public static Arbitrary<TimestepSpacing> Grids() => Shrinking.Arbitrary(AnyGrid);

    public static Arbitrary<Prediction> Predictions() => Shrinking.Arbitrary(Cases.WithEveryCase(Gen.OneOf(
        Gen.Constant<Prediction>(new Prediction.Noise()),
        Gen.Constant<Prediction>(new Prediction.Clean()),
        Gen.Constant<Prediction>(new Prediction.Velocity()),
        Gen.Constant<Prediction>(new Prediction.Flow()),
        Gen.Constant<Prediction>(new Prediction.Score()),
        Number(0.1, 2).Select(sigma => (Prediction)new Prediction.Preconditioned(sigma)))));

    public static Arbitrary<Variance> Variances() => Cases.WithEveryCase(Gen.Elements<Variance>(
        new Variance.Small(), new Variance.Large(), new Variance.LearnedRange(), new Variance.LearnedLogarithm())).ToArbitrary();

    public static Arbitrary<Guidance> Guidances() => Shrinking.Arbitrary(Cases.WithEveryCase(Guide(2)));

    public static Arbitrary<Condition> Conditions() => Cases.WithEveryCase(Gen.Elements<Condition>(
        new Condition.Labelled(), new Condition.Unlabelled(), new Condition.Other(3), new Condition.Weaker())).ToArbitrary();

    public static Arbitrary<LabelTerm> LabelTerms() => Shrinking.Arbitrary(Cases.WithEveryCase(Beside));

    public static Arbitrary<GuidanceSchedule> GuidanceSchedules() => Shrinking.Arbitrary(Cases.WithEveryCase(GuidanceFactor));

    public static Arbitrary<SampleRule> SampleRules() => Cases.WithEveryCase(Gen.OneOf(
        Number(0, 1).Select(share => (SampleRule)new SampleRule.Rescale(share)),
        Number(0.1, 9).Select(radius => (SampleRule)new SampleRule.Project(0.5, radius)))).ToArbitrary();

    public static Arbitrary<ClassifierGuidance> ClassifierGuidances() => Shrinking.Arbitrary(Cases.WithEveryCase(Gen.OneOf(
        Gen.Constant<ClassifierGuidance>(new ClassifierGuidance.None()),
        Number(-2, 10).Select(scale => (ClassifierGuidance)new ClassifierGuidance.MeanShift(scale)),
        Number(-2, 10).Select(scale => (ClassifierGuidance)new ClassifierGuidance.ScoreShift(scale)))));

    public static Arbitrary<NoiseLevelDistribution> Levels() => Shrinking.Arbitrary(Cases.WithEveryCase(Level(1)));

    public static Arbitrary<LossWeight> LossWeights() => Shrinking.Arbitrary(Cases.WithEveryCase(Gen.OneOf(
        Gen.Constant<LossWeight>(new LossWeight.Simple()),
        Gen.Constant<LossWeight>(new LossWeight.TruncatedSnr()),
        Number(0.1, 10).Select(gamma => (LossWeight)new LossWeight.MinSnr(gamma)),
        Number(0.1, 2).Select(sigma => (LossWeight)new LossWeight.Edm(sigma)),
        Number(-5, 5).Select(bias => (LossWeight)new LossWeight.Sigmoid(bias)),
        from gamma in Number(0, 2) from offset in Number(0.1, 2) select (LossWeight)new LossWeight.PerceptionPrioritised(gamma, offset))));

    public static Arbitrary<LearningRate> LearningRates() =>
        Shrinking.Arbitrary(Cases.WithEveryCase(Gen.OneOf(PlannedRates, Stretched(PlannedRates), Stretched(Stretched(PlannedRates)))));

    // As of a run that was made longer or shorter.
    private static Gen<LearningRate> Stretched(Gen<LearningRate> rates) =>
        from rate in rates
        from step in Gen.Choose(0, 200)
        from left in Gen.Choose(100, 1000)
        from percent in Gen.Choose(1, 120)
        select (LearningRate)new LearningRate.Stretched(rate, step, step + left, step + left * percent / 100);

    private static Gen<LearningRate> PlannedRates =>
        from peak in Number(1e-5, 1e-2)
        from warmup in Gen.Choose(0, 100)
        from more in Gen.Choose(1, 1000)
        from rate in Gen.Elements<LearningRate>(
            new LearningRate.WarmUp(peak, warmup),
            new LearningRate.WarmUpCosine(peak, warmup, warmup + more),
            new LearningRate.WarmUpLinear(peak, warmup, warmup + more),
            new LearningRate.OneCycle(peak, warmup / 101.0, more),
            new LearningRate.Trapezoid(peak, warmup, more, warmup + 2 * more),
            new LearningRate.InverseSquareRoot(peak, warmup, warmup + more))
        select rate;

    public static Arbitrary<EmaDecay> EmaDecays() => Shrinking.Arbitrary(Cases.WithEveryCase(
        from ceiling in Number(0, 0.9999)
        from power in Number(0.1, 2)
        from updates in Number(1, 1e5)
        from decay in Gen.Elements<EmaDecay>(
            new EmaDecay.Constant(ceiling),
            new EmaDecay.Steady(ceiling),
            new EmaDecay.Ramp(ceiling),
            new EmaDecay.InverseGamma(ceiling, power, updates),
            new EmaDecay.HalfLife(updates, power),
            new EmaDecay.PowerFunction(0.01 + ceiling / 4))
        select decay));

    public static Arbitrary<Objective> Objectives() => Shrinking.Arbitrary(Cases.WithEveryCase(Gen.OneOf(
        Gen.Constant<Objective>(new Objective.Simple()),
        Gen.Constant<Objective>(new Objective.Bound()),
        Number(0, 1).Select(share => (Objective)new Objective.Hybrid(share)))));

    public static Arbitrary<PixelLikelihood> PixelLikelihoods() => Cases.WithEveryCase(Gen.Elements<PixelLikelihood>(
        new PixelLikelihood.Exact(), new PixelLikelihood.TanhApproximation())).ToArbitrary();

    public static Arbitrary<ScoreParts> Parts() => Shrinking.Arbitrary(Cases.WithEveryCase(
        Gen.Choose(1, 20).SelectMany(number => Gen.Elements<ScoreParts>(
            new ScoreParts.OfSize(number), new ScoreParts.Consecutive(number), new ScoreParts.Shuffled(number)))));

    public static Arbitrary<Seed> Seeds() => Gen.Choose(0, int.MaxValue).Select(value => new Seed((ulong)value)).ToArbitrary();

    public static Arbitrary<Weight> Weights() => Shrinking.Arbitrary(Number(-5, 5).Select(value => new Weight(value)));

    public static Arbitrary<Probability> Probabilities() =>
        Shrinking.Arbitrary(Number(0.001, 0.999).Select(value => new Probability(value)));

    /// <summary>One of a thousand and one numbers from low to high.</summary>
    public static Gen<double> Number(double low, double high) => Gen.Choose(0, 1000).Select(part => low + (high - low) * part / 1000);

    private static Gen<int> Count => Gen.Choose(2, 60);

    private static Gen<NoiseSchedule.Discrete> Discrete => Gen.OneOf(Plain, Plain.SelectMany(Derived));

    private static Gen<NoiseSchedule.Discrete> Plain =>
        from count in Count
        from first in Number(1e-4, 0.05)
        from rise in Number(0, 0.3)
        from share in Number(0.05, 0.95)
        from schedule in Gen.Elements<NoiseSchedule.Discrete>(
            new NoiseSchedule.Linear(count, first, first + rise),
            new NoiseSchedule.Quadratic(count, first, first + rise),
            new NoiseSchedule.Constant(count, first + rise),
            new NoiseSchedule.Harmonic(count),
            new NoiseSchedule.WarmUp(count, share, first, first + rise),
            new NoiseSchedule.Cosine(count, first),
            new NoiseSchedule.SigmoidBeta(count, first, first + rise),
            new NoiseSchedule.SigmoidSignal(count, -4 * share, 1 + 3 * share, 0.5 + share),
            new NoiseSchedule.ExplicitBetas(Sequence.Generate(count, t => t % 2 == 0 ? first : first + rise)),
            new NoiseSchedule.ExplicitAlphaBars(Sequence.Generate(count, t => share * (count - t) / count)))
        select schedule;

    private static Gen<NoiseSchedule.Discrete> Derived(NoiseSchedule.Discrete schedule) =>
        from kept in Gen.Choose(1, schedule.Steps)
        from derived in Gen.Elements<NoiseSchedule.Discrete>(
            new NoiseSchedule.ZeroTerminalSnr(schedule),
            new NoiseSchedule.Respaced(schedule, new TimestepSpacing.Sections([kept])),
            new NoiseSchedule.Respaced(schedule, new TimestepSpacing.Trailing(kept)))
        select derived;

    private static Gen<NoiseSchedule> Continuous =>
        from low in Number(0.001, 0.5)
        from rise in Number(0.5, 90)
        from schedule in Gen.Elements<NoiseSchedule>(
            new NoiseSchedule.VariancePreserving(low, low + rise, low / 10),
            new NoiseSchedule.VarianceExploding(low, low + rise),
            new NoiseSchedule.Edm(low, low + rise),
            new NoiseSchedule.RectifiedFlow(low / 10, 1 - low / 10))
        select schedule;

    // Any scale, not only variance-preserving: alpha² + sigma² is free.
    private static Gen<NoisyPair> Pairs =>
        from alpha in Number(0.1, 1.5)
        from sigma in Number(0.01, 2)
        from kept in Number(0.05, 1)
        from added in Number(0.01, 2)
        select new NoisyPair(new(alpha, sigma), new(alpha * kept, Sqrt(sigma * sigma * kept * kept + added * added)));

    private static Gen<TimestepSpacing> Grid => Gen.OneOf(PlainGrid, PlainGrid.SelectMany(grid => Gen.Elements<TimestepSpacing>(
        new TimestepSpacing.WithoutLast(grid), new TimestepSpacing.ToFirstLevel(grid), new TimestepSpacing.FixedStride(grid),
        new TimestepSpacing.WholeTimes(grid))));

    private static Gen<TimestepSpacing> PlainGrid =>
        from count in Count
        from offset in Gen.Choose(0, 3)
        from number in Number(0.5, 9)
        from grid in Gen.Elements<TimestepSpacing>(
            new TimestepSpacing.All(), new TimestepSpacing.Explicit([number + 1.5, number, 0]),
            new TimestepSpacing.Leading(count, offset), new TimestepSpacing.Trailing(count),
            new TimestepSpacing.TrailingFloor(count), new TimestepSpacing.Linspace(count),
            new TimestepSpacing.LinspaceWithin(count, number / 100, number),
            new TimestepSpacing.Uniform(count), new TimestepSpacing.Uniform(count, Interpolation.Sigma),
            new TimestepSpacing.Quadratic(count),
            new TimestepSpacing.Karras(count, number), new TimestepSpacing.KarrasWithin(count, number / 100, number),
            new TimestepSpacing.LogSnr(count),
            new TimestepSpacing.Sections([count, offset + 1]), new TimestepSpacing.WholeStride(count))
        select grid;

    private static Gen<Guidance> Guide(int depth) => depth == 0
        ? Number(-1, 9).Select(w => (Guidance)new Guidance.ClassifierFree(w))
        : Gen.OneOf(
            Gen.Constant<Guidance>(new Guidance.None()),
            Guide(0),
            from inner in Guide(depth - 1)
            from low in Number(0, 1)
            from more in Number(0.1, 50)
            select (Guidance)new Guidance.Interval(inner, low, low + more),
            from inner in Guide(depth - 1)
            from share in Number(0, 1)
            select (Guidance)new Guidance.Rescaled(inner, share),
            Number(-1, 9).Select(w => (Guidance)new Guidance.Autoguidance(w)),
            from inner in Guide(depth - 1)
            from factor in GuidanceFactor
            select (Guidance)new Guidance.Scheduled(inner, factor),
            from inner in Guide(depth - 1)
            from parallel in Number(0, 1)
            from radius in Number(0.1, 20)
            from momentum in Number(-0.9, 0.9)
            select (Guidance)new Guidance.Projected(inner, new(parallel, radius, momentum)),
            from inner in Guide(depth - 1)
            from others in Beside.ArrayOf(2)
            select (Guidance)new Guidance.Composed(inner, others.ToSequence()));

    private static Gen<LabelTerm> Beside =>
        from label in Gen.Choose(0, 9)
        from weight in Number(0.1, 1)
        from term in Gen.Elements<LabelTerm>(
            new LabelTerm.And(label, weight), new LabelTerm.Not(label, weight), new LabelTerm.Blend(label, weight))
        select term;

    private static Gen<GuidanceSchedule> GuidanceFactor =>
        from noise in Number(0.01, 5)
        from factor in Number(0, 4)
        from schedule in Gen.Elements<GuidanceSchedule>(
            new GuidanceSchedule.Constant(), new GuidanceSchedule.Linear(), new GuidanceSchedule.Cosine(),
            new GuidanceSchedule.PowerCosine(factor + 0.1), new GuidanceSchedule.Points([new(noise, factor), new(2 * noise, 1)]))
        select schedule;

    private static Gen<NoiseLevelDistribution> Level(int depth) => Gen.OneOf(
    [
        Gen.Constant<NoiseLevelDistribution>(new NoiseLevelDistribution.UniformTime()),
        from low in Number(-12, -1)
        from high in Number(1, 12)
        select (NoiseLevelDistribution)new NoiseLevelDistribution.UniformLogSnr(low, high),
        from mean in Number(-2, 1) from deviation in Number(
            0.1, 2) select (NoiseLevelDistribution)new NoiseLevelDistribution.LogNormalSigma(mean, deviation),
        .. depth == 0 ? Enumerable.Empty<Gen<NoiseLevelDistribution>>()
            : [Level(0).Select(inner => (NoiseLevelDistribution)new NoiseLevelDistribution.LowDiscrepancy(inner))],
    ]);
}

/// <summary>Two marginals with noise, the later one reached from the earlier by a noising step.</summary>
public sealed record NoisyPair(Marginal Earlier, Marginal Later);

/// <summary>A marginal with signal and noise.</summary>
public sealed record NoisyMarginal(Marginal Value);

/// <summary>A number from −5 to 5.</summary>
public sealed record Weight(double Value);

/// <summary>A number strictly between 0 and 1.</summary>
public sealed record Probability(double Value);
