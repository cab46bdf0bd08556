using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;

namespace Diffusion.Specs.Sampling;

/// <summary>A sampler over a schedule and a grid that fit each other.</summary>
public sealed record Setting(Sampler Sampler, NoiseSchedule.Discrete Schedule, TimeGrid Grid)
{
    public SamplerPlan Plan() => Sampler.Plan(Schedule, Grid);
}

/// <summary>Valid samplers, limits, levels and settings of any kind.</summary>
public static class SamplerArbitraries
{
    private static Gen<double> Unit => Gen.Choose(0, 1000).Select(number => number / 1000.0);

    private static Gen<SolverForm> Deterministic => Gen.Elements<SolverForm>(new SolverForm.Data(), new SolverForm.Noise());

    private static Gen<SolverForm> Form => Gen.Elements<SolverForm>(
        new SolverForm.Data(), new SolverForm.Noise(), new SolverForm.StochasticData(), new SolverForm.StochasticNoise());

    private static Gen<T> Any<T>()
        where T : struct, Enum => Gen.Elements(Enum.GetValues<T>());

    private static Gen<Limit> Limit => Gen.OneOf(
        Gen.Constant<Limit>(new Limit.None()),
        Unit.Select(bound => (Limit)new Limit.Clip(bound + 0.1)),
        Unit.SelectMany(_ => Unit, (fraction, ceiling) => (Limit)new Limit.Dynamic(new(fraction, 1 + ceiling))));

    /// <summary>Samplers without limits whose noise is that of the marginals: exact where the data is a single point.</summary>
    public static Gen<Sampler> Faithful => Gen.OneOf(
        Gen.Constant<Sampler>(new Sampler.Ancestral(new Variance.Small(), new Limit.None())),
        Unit.Select(eta => (Sampler)new Sampler.Ddim(eta, new Limit.None(), NoiseDirection.Predicted)),
        Unit.Select(eta => (Sampler)new Sampler.EulerAncestral(eta, new Limit.None())),
        Gen.Constant<Sampler>(new Sampler.Euler(new Limit.None())),
        Gen.Constant<Sampler>(new Sampler.Heun(new Limit.None())),
        Unit.Select(amount => (Sampler)Diffusion.Math.Samplers.Sampler.Edm.Of(new Churn(10 * amount))),
        Gen.Choose(1, 4).Select(order => (Sampler)new Sampler.Lms(order, new Limit.None())),
        Solvers(
            new Limit.None(),
            Gen.Elements<SolverForm>(new SolverForm.Data(), new SolverForm.Noise(), new SolverForm.StochasticData())));

    /// <summary>Any sampler that a network without a learned variance can be run with.</summary>
    public static Arbitrary<Sampler> Sampler() => Arb.From(Gen.OneOf(
        Faithful,
        Limit.SelectMany(limit => Solvers(limit, Form)),
        from limit in Limit
        from variance in Gen.Elements<Variance>(new Variance.Small(), new Variance.Large())
        from final in Any<FinalNoise>()
        select (Sampler)new Sampler.Ancestral(variance, limit, final),
        from limit in Limit
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
        from grid in Gen.Elements<TimeGrid>(
            new TimeGrid.Leading(count),
            new TimeGrid.Trailing(count),
            new TimeGrid.Linspace(count),
            new TimeGrid.Karras(count),
            new TimeGrid.LogSnr(count))
        select new Setting(sampler, schedule, grid);

    private static Gen<Sampler> Solvers(Limit limit, Gen<SolverForm> forms) => Gen.OneOf(
        from form in forms
        from order in Gen.Choose(1, form is SolverForm.Data or SolverForm.Noise ? 3 : 2)
        from rule in Any<SolverRule>()
        from ending in Any<Ending>()
        select (Sampler)new Sampler.DpmMultistep(order, form, rule, ending, limit),
        from form in forms
        from order in Gen.Choose(1, form is SolverForm.Data or SolverForm.Noise ? 3 : 2)
        from rule in Any<SolverRule>()
        select (Sampler)new Sampler.DpmSinglestep(order, form, rule, Ending.Falling, limit),
        from form in Deterministic
        from order in Gen.Choose(1, 4)
        from basis in Any<UniPcBasis>()
        from ending in Any<Ending>()
        select (Sampler)new Sampler.UniPc(order, form, basis, ending, limit));

    private static IEnumerable<Setting> Shrink(Setting setting) =>
        setting.Grid == new TimeGrid.Trailing(6) ? [] : [setting with { Grid = new TimeGrid.Trailing(6) }];
}
