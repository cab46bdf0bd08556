using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;

namespace Diffusion.Specs.Sampling;

/// <summary>A sampler over a schedule and a grid that fit each other.</summary>
public sealed record Setting(Sampler Sampler, NoiseSchedule.Discrete Schedule, TimestepSpacing Grid)
{
    public SamplerPlan Plan() => Sampler.Plan(Schedule, Grid);
}

/// <summary>Valid samplers, limits, levels and settings of any kind.</summary>
/// <remarks>
/// Samplers are found among the cases of the union and made of settings of their parameters' types: a new one is found by every law that
/// takes samplers from here, and a setting of a new kind by its own cases.
/// </remarks>
public static class SamplerArbitraries
{
    private static readonly Dictionary<Type, Gen<object>> Limited = new()
    {
        [typeof(Clipping)] = Gen.OneOf(
            Gen.Constant<object>(new Clipping.None()),
            Unit.Select(bound => (object)new Clipping.Clip(bound + 0.1)),
            Unit.SelectMany(_ => Unit, (fraction, ceiling) => (object)new Clipping.Dynamic(new(fraction, 1 + ceiling)))),
        [typeof(Variance)] = Gen.Elements<object>(new Variance.Small(), new Variance.Large()),
        [typeof(Churn)] = Unit.Select(amount => (object)new Churn(10 * amount)),
        [typeof(SigmaCurve.Preserving)] = Gen.Constant<object>(new SigmaCurve.Preserving()),
    };

    private static readonly Dictionary<Type, Gen<object>> Exact = new(Limited)
    {
        [typeof(Clipping)] = Gen.Constant<object>(new Clipping.None()),
        [typeof(Variance)] = Gen.Constant<object>(new Variance.Small()),
        [typeof(FinalNoise)] = Gen.Constant<object>(FinalNoise.None),
        [typeof(SolverVariable)] = Gen.Elements<object>(
            new SolverVariable.Data(), new SolverVariable.Noise(), new SolverVariable.StochasticData()),
        [typeof(SigmaCurve)] = Gen.Constant<object>(new SigmaCurve.Linear()),
        [typeof(StateScale)] = Gen.Constant<object>(new StateScale.One()),
    };

    private static Gen<double> Unit => Gen.Choose(0, 1000).Select(number => number / 1000.0);

    /// <summary>Samplers without limits whose noise is that of the marginals: exact where the data is a single point.</summary>
    public static Gen<Sampler> Faithful => Any<Sampler>(Exact).Select(Fitting);

    /// <summary>Any sampler that a network without a learned variance can be run with.</summary>
    public static Arbitrary<Sampler> Sampler() => Arb.From(Any<Sampler>(Limited).Select(Fitting));

    /// <summary>Any setting; shrinks to fewer steps.</summary>
    public static Arbitrary<Setting> Setting() => Arb.From(Settings(Sampler().Generator), Shrink);

    /// <summary>Settings with faithful samplers.</summary>
    public static Gen<Setting> Settings(Gen<Sampler> samplers) =>
        from sampler in samplers
        from schedule in Gen.Elements<NoiseSchedule.Discrete>(
            new NoiseSchedule.Linear(), new NoiseSchedule.Cosine(200), new NoiseSchedule.Quadratic(100))
        from count in Gen.Choose(1, 12).Select(number => 6 * number)
        from grid in Gen.Elements<TimestepSpacing>(
            new TimestepSpacing.Leading(count),
            new TimestepSpacing.Trailing(count),
            new TimestepSpacing.Linspace(count),
            new TimestepSpacing.Karras(count),
            new TimestepSpacing.LogSnr(count))
        select new Setting(sampler, schedule, grid);

    // With any other ending a grid must fit whole blocks.
    private static Sampler Fitting(Sampler sampler) =>
        sampler is Sampler.DpmSinglestep singlestep ? singlestep with { Ending = Ending.LowerOrderFinal } : sampler;

    private static Gen<T> Any<T>(Dictionary<Type, Gen<object>> known) => Cases.Any(typeof(T), known, Unit).Select(value => (T)value);

    private static IEnumerable<Setting> Shrink(Setting setting) =>
        setting.Grid == new TimestepSpacing.Trailing(6) ? [] : [setting with { Grid = new TimestepSpacing.Trailing(6) }];
}
