using System.Collections.Immutable;
using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;
using Diffusion.Math.Sampling;

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

    /// <summary>With one point as data the estimate never changes and nothing is approximated: mean alpha·x_0, deviation sigma.</summary>
    [Property(MaxTest = 200)]
    public Property Every_method_of_every_order_is_exact_where_the_data_is_a_single_point() => Prop.ForAll(
        Arb.From(SamplerArbitraries.Settings(SamplerArbitraries.Faithful)),
        setting =>
        {
            const double point = 0.7;
            var plan = setting.Plan();
            var world = new GaussianWorld(point, 0);
            var interpreter = new Interpreter<Affine>(world, world, world);
            var start = plan.Steps[0].From.Marginal;
            var state = Affine.Combine(start.Alpha * point, new Weighted<Affine>(start.Sigma, Affine.Draw(0)));
            var slots = ImmutableDictionary<Slot, Affine>.Empty.Add(Slot.State, state);
            foreach (var step in plan.Steps)
            {
                slots = interpreter.Step(slots, step);
                var (mean, sigma) = (step.To.Marginal.Alpha * point, step.To.Marginal.Sigma);
                // Weights of opposite sign cancel, the more the less signal there was at first.
                var tolerance = 1e-9 + 1e-13 * plan.Steps[0].From.Marginal.NoiseToSignal;
                Assert.Equal(mean, slots[Slot.State].Mean, tolerance);
                Assert.Equal(sigma, slots[Slot.State].Sigma, tolerance);
            }
        });

    [Fact]
    public void The_large_variance_is_exact_where_the_data_is_standard_normal()
    {
        var plan = new Sampler.Ancestral(new Variance.Large(), new Limit.None()).Plan(Schedule, new TimeGrid.Leading(100));
        var world = new GaussianWorld(0, 1);
        var slots = new Interpreter<Affine>(world, world, world).Begin(plan);
        foreach (var step in plan.Steps.SkipLast(1))
        {
            slots = new Interpreter<Affine>(world, world, world).Step(slots, step);
            Assert.Equal(1, slots[Slot.State].Variance, 1e-9);
        }
    }

    private static Gen<Sampler> SingleEvaluations => Gen.OneOf(
        Gen.Constant<Sampler>(new Sampler.Ancestral(new Variance.Small(), new Limit.None())),
        Gen.Choose(0, 100).Select(eta => (Sampler)new Sampler.Ddim(eta / 100.0, new Limit.None(), NoiseDirection.Predicted)),
        Gen.Choose(0, 100).Select(eta => (Sampler)new Sampler.EulerAncestral(eta / 100.0, new Limit.None())),
        Gen.Constant<Sampler>(new Sampler.Euler(new Limit.None())));
}
