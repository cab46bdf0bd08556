using System.Collections.Immutable;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Worlds;

namespace Diffusion.Specs.Sampling;

public sealed class MarginalSpecs
{
    private static readonly NoiseSchedule.Linear Schedule = new();

    /// <summary>a·alpha + b = alpha' and a²·sigma² + n² = sigma'², for steps a·x + b·x̂_0 + n·z.</summary>
    [Property]
    public Property A_step_of_one_evaluation_carries_its_marginal() => Prop.ForAll(
        Arb.From(SamplerArbitraries.Settings(SingleEvaluations)),
        setting =>
        {
            foreach (var step in setting.Plan().Steps)
            {
                var (from, to) = (step.From.Marginal, step.To.Marginal);
                var terms = step.Instructions.OfType<Instruction.Combine>().Single().Terms;
                double WeightOf(Slot slot) => terms.Where(term => term.Slot == slot).Sum(term => term.Weight);
                var (a, b, n) = (WeightOf(Slot.State), WeightOf(Slot.Denoised), WeightOf(Slot.Noise));
                Assert.Equal(to.Alpha, a * from.Alpha + b, 1e-12);
                Assert.Equal(to.Sigma, Sqrt(a * a * from.Sigma * from.Sigma + n * n), 1e-12 * Max(1, to.Sigma));
            }
        });

    /// <summary>
    /// With one point as data the estimate never changes and nothing is approximated: mean alpha·x_0, deviation sigma. Every step starts
    /// from the exact state, so what it leaves out is rounding: of the order of the greatest terms so far, which may cancel,
    /// and, where weights of order four solve a linear system, some ten times that.
    /// </summary>
    [Property(MaxTest = 500)]
    public Property Every_method_of_every_order_is_exact_where_the_data_is_a_single_point() => Prop.ForAll(
        Arb.From(SamplerArbitraries.Settings(SamplerArbitraries.Faithful)),
        setting =>
        {
            const double point = 0.7;
            var plan = setting.Plan();
            var world = new GaussianWorld(point, 0);
            var space = new GreatestTerms(world);
            var slots = ImmutableDictionary<Slot, Affine>.Empty;
            foreach (var step in plan.Steps)
            {
                var from = step.From.Marginal;
                var state = Affine.Combine(from.Alpha * point, new Weighted<Affine>(from.Sigma, Affine.Draw(-1)));
                slots = new Interpreter<Affine>(space, world, world).Step(slots.SetItem(Slot.State, state), step);
                var (mean, sigma) = (step.To.Marginal.Alpha * point, step.To.Marginal.Sigma);
                Assert.Equal(mean, slots[Slot.State].Mean, 1e-11 * space.Greatest);
                Assert.Equal(sigma, slots[Slot.State].Sigma, 1e-11 * space.Greatest);
            }
        });

    [Fact]
    public void The_large_variance_is_exact_where_the_data_is_standard_normal()
    {
        var plan = new Sampler.Ancestral(new Variance.Large(), new Clipping.None()).Plan(Schedule, new TimestepSpacing.Leading(100));
        var world = new GaussianWorld(0, 1);
        var slots = new Interpreter<Affine>(world, world, world).Begin(plan);
        foreach (var step in plan.Steps.SkipLast(1))
        {
            slots = new Interpreter<Affine>(world, world, world).Step(slots, step);
            Assert.Equal(1, slots[Slot.State].Variance, 1e-9);
        }
    }

    private static Gen<Sampler> SingleEvaluations => Gen.OneOf(
        Gen.Constant<Sampler>(new Sampler.Ancestral(new Variance.Small(), new Clipping.None())),
        Gen.Choose(0, 100).Select(eta => (Sampler)new Sampler.Ddim(eta / 100.0, new Clipping.None(), NoiseDirection.Predicted)),
        Gen.Choose(0, 100).Select(eta => (Sampler)new Sampler.EulerAncestral(eta / 100.0, new Clipping.None())),
        Gen.Constant<Sampler>(new Sampler.Euler(new Clipping.None())));

    /// <summary>Linear combinations, with the greatest term that any of them had, in mean or deviation.</summary>
    private sealed class GreatestTerms(GaussianWorld world) : IVectorSpace<Affine>
    {
        public double Greatest { get; private set; } = 1;

        public Affine Combine(ReadOnlySpan<Weighted<Affine>> terms)
        {
            foreach (var (weight, vector) in terms)
                Greatest = Max(Greatest, Abs(weight) * Max(Abs(vector.Mean), vector.Sigma));
            return world.Combine(terms);
        }

        public Affine Clip(Affine vector, double bound) => world.Clip(vector, bound);

        public Affine Threshold(Affine vector, Quantile quantile) => world.Threshold(vector, quantile);

        public Affine Weigh(ReadOnlySpan<Affine> vectors, SampleRule rule) => world.Weigh(vectors, rule);

        public Affine Modulate(Affine vector, Affine fraction, LogRange range) => world.Modulate(vector, fraction, range);
    }
}
