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
public static class SamplerArbitraries
{
    private static Gen<double> Unit => Gen.Choose(0, 1000).Select(number => number / 1000.0);

    private static Gen<SolverVariable> Deterministic => Gen.Elements<SolverVariable>(new SolverVariable.Data(), new SolverVariable.Noise());

    private static Gen<SolverVariable> Form => Gen.Elements<SolverVariable>(
        new SolverVariable.Data(), new SolverVariable.Noise(), new SolverVariable.StochasticData(), new SolverVariable.StochasticNoise());

    private static Gen<T> Any<T>()
        where T : struct, Enum => Gen.Elements(Enum.GetValues<T>());

    private static Gen<Clipping> Clipping => Gen.OneOf(
        Gen.Constant<Clipping>(new Clipping.None()),
        Unit.Select(bound => (Clipping)new Clipping.Clip(bound + 0.1)),
        Unit.SelectMany(_ => Unit, (fraction, ceiling) => (Clipping)new Clipping.Dynamic(new(fraction, 1 + ceiling))));

    /// <summary>Samplers without limits whose noise is that of the marginals: exact where the data is a single point.</summary>
    public static Gen<Sampler> Faithful => Gen.OneOf(
        Gen.Constant<Sampler>(new Sampler.Ancestral(new Variance.Small(), new Clipping.None())),
        Unit.Select(eta => (Sampler)new Sampler.Ddim(eta, new Clipping.None(), NoiseDirection.Predicted)),
        Unit.Select(eta => (Sampler)new Sampler.EulerAncestral(eta, new Clipping.None())),
        Gen.Constant<Sampler>(new Sampler.Euler(new Clipping.None())),
        Gen.Constant<Sampler>(new Sampler.Heun(new Clipping.None())),
        Unit.Select(amount => (Sampler)Diffusion.Math.Samplers.Sampler.Edm.Of(new Churn(10 * amount))),
        Gen.Choose(1, 4).Select(order => (Sampler)new Sampler.Lms(order, new Clipping.None())),
        Solvers(
            new Clipping.None(),
            Gen.Elements<SolverVariable>(new SolverVariable.Data(), new SolverVariable.Noise(), new SolverVariable.StochasticData())));

    /// <summary>Any sampler that a network without a learned variance can be run with.</summary>
    public static Arbitrary<Sampler> Sampler() => Arb.From(Gen.OneOf(
        Faithful,
        Clipping.SelectMany(limit => Solvers(limit, Form)),
        from limit in Clipping
        from variance in Gen.Elements<Variance>(new Variance.Small(), new Variance.Large())
        from final in Any<FinalNoise>()
        select (Sampler)new Sampler.Ancestral(variance, limit, final),
        from limit in Clipping
        from direction in Any<NoiseDirection>()
        from eta in Unit
        select (Sampler)new Sampler.Ddim(eta, limit, direction)));

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

    private static Gen<Sampler> Solvers(Clipping limit, Gen<SolverVariable> forms) => Gen.OneOf(
        from form in forms
        from order in Gen.Choose(1, form is SolverVariable.Data or SolverVariable.Noise ? 3 : 2)
        from rule in Any<SolverType>()
        from ending in Any<Ending>()
        select (Sampler)new Sampler.DpmMultistep(order, form, rule, ending, limit),
        from form in forms
        from order in Gen.Choose(1, form is SolverVariable.Data or SolverVariable.Noise ? 3 : 2)
        from rule in Any<SolverType>()
        select (Sampler)new Sampler.DpmSinglestep(order, form, rule, Ending.LowerOrderFinal, limit),
        from form in Deterministic
        from order in Gen.Choose(1, 4)
        from basis in Any<UniPcBasis>()
        from ending in Any<Ending>()
        select (Sampler)new Sampler.UniPc(order, form, basis, ending, limit));

    private static IEnumerable<Setting> Shrink(Setting setting) =>
        setting.Grid == new TimestepSpacing.Trailing(6) ? [] : [setting with { Grid = new TimestepSpacing.Trailing(6) }];
}
