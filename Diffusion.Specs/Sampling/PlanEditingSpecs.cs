using System.Collections.Immutable;
using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Rewriting;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Worlds;

namespace Diffusion.Specs.Sampling;

/// <summary>What is done to real images, on Gaussian data: known exactly, noise and all.</summary>
public sealed class PlanEditingSpecs
{
    private static readonly NoiseSchedule.Linear Schedule = new();
    private static readonly Clipping Unlimited = new Clipping.None();
    private static readonly Sampler Ancestral = new Sampler.Ancestral(new Variance.Small(), Unlimited);
    private static readonly GaussianWorld World = new(0.3, 0.5);

    /// <summary>Data of the world, which depends on a draw that no plan makes.</summary>
    private static readonly Affine SomeData = Affine.Combine(World.Mean, new Weighted<Affine>(World.Sigma, Affine.Draw(-1)));

    [Property(MaxTest = 200)]
    public Property Setting_out_from_an_original_carries_its_marginals_by_any_method_where_the_data_is_a_single_point() => Prop.ForAll(
        Arb.From(SamplerArbitraries.Settings(SamplerArbitraries.Faithful)), Arb.From(Gen.Choose(34, 100)),
        (setting, share) => CarriesItsMarginals(setting, share));

    // Found by the property above.
    [Fact]
    public void Setting_out_carries_marginals_where_a_solver_extrapolates_far() => CarriesItsMarginals(
        new(new Sampler.UniPc(3, new SolverVariable.Noise(), UniPcBasis.Exponential, Ending.Full, new Clipping.None()),
            new NoiseSchedule.Cosine(200), new TimestepSpacing.Linspace(6)),
        85);

    private static void CarriesItsMarginals(Setting setting, int share)
    {
        const double point = 0.7;
        var plan = (setting with { Grid = new TimestepSpacing.Last(setting.Grid, share / 100.0) }).Plan().FromOriginal();
        var tolerance = 1e-9 + plan.Steps[0].From.Marginal.NoiseToSignal * (1e-13 + 1e-14 * LargestWeight(plan));
        foreach (var (level, state) in States(plan, new(point, 0), Affine.Combine(point)))
        {
            Assert.Equal(level.Alpha * point, state.Mean, tolerance);
            Assert.Equal(level.Sigma, state.Sigma, tolerance);
        }
    }

    [Property(MaxTest = 100)]
    public Property A_plan_sets_out_from_any_of_its_steps_and_carries_its_marginals() => Prop.ForAll(
        Arb.From(SamplerArbitraries.Settings(SamplerArbitraries.Faithful)), Arb.From(Gen.Choose(1, 99)),
        (setting, share) =>
        {
            const double point = 0.7;
            var whole = setting.Plan();
            var first = whole.Steps.Count * share / 100;
            var plan = whole.StartingAt(first);
            Assert.Equal(whole.Steps.Count - first, plan.Steps.Count);
            Assert.Equal(whole.Steps.Skip(first).Sum(step => step.NetworkCalls), plan.NetworkCalls);
            // A sampler that remembers nothing is not changed.
            Assert.True(whole.Remembers() || plan.Steps.SequenceEqual(whole.Steps.Skip(first)));
            var tolerance = 1e-9 + plan.Steps[0].From.Marginal.NoiseToSignal * (1e-13 + 1e-14 * LargestWeight(plan));
            foreach (var (level, state) in States(plan.FromOriginal(), new(point, 0), Affine.Combine(point)))
                Assert.Equal(level.Alpha * point, state.Mean, tolerance);
        });

    [Fact]
    public void Only_steps_that_lack_what_earlier_ones_left_are_changed()
    {
        var plan = SamplerCatalogue.Find("unipc")!.Sampler.Plan(Schedule, new TimestepSpacing.Trailing(8));
        // The predictor of the first, and the correctors of two.
        Assert.Equal((0, 2), (plan.StepsWithoutMemory(0), plan.StepsWithoutMemory(3)));
        Assert.Equal(plan.Steps.Skip(5), plan.StartingAt(3).Steps.Skip(2));
        Assert.Equal(plan, plan.StartingAt(0));
        Assert.Equal("unipc 2 from step 4", plan.StartingAt(3).Name);
    }

    // What rounding is multiplied by: solvers of high order in the noise extrapolate over steps of very different size.
    private static double LargestWeight(SamplerPlan plan) => plan.Steps.SelectMany(step => step.Instructions)
        .OfType<Instruction.Combine>().SelectMany(combine => combine.Terms).Max(term => Abs(term.Weight));

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.6)]
    public void Setting_out_from_noised_data_ends_at_the_datas_distribution_as_steps_grow(double share)
    {
        double Error(int levels)
        {
            var plan = Ancestral.Plan(new NoiseSchedule.Cosine(levels), new TimestepSpacing.Last(new TimestepSpacing.All(), share))
                .FromOriginal();
            return ErrorOf(States(plan, World, SomeData)[^1].State);
        }
        Converges(Error);
    }

    [Fact]
    public void The_more_noise_the_less_of_the_original_is_left()
    {
        double LeftAt(double share) => States(
            Ancestral.Plan(Schedule, new TimestepSpacing.Last(new TimestepSpacing.All(), share))
                .FromOriginal(), World, SomeData)[^1].State.Coefficients[-1];
        var left = new[] { 0.02, 0.2, 0.4, 0.6, 0.8, 1 }.Select(LeftAt).ToArray();
        Assert.Equal(left.OrderDescending(), left);
        Assert.InRange(left[0], 0.9 * World.Sigma, World.Sigma);
        Assert.InRange(left[^1], 0, 0.01);
    }

    [Property]
    public Property Where_nothing_is_to_stay_one_round_of_inpainting_is_the_sampler_itself() => Prop.ForAll(
        Arb.From(SamplerArbitraries.Settings(SamplerArbitraries.Faithful)),
        setting =>
        {
            var plan = setting.Plan();
            var (plain, edited) = (World.Run(plan), States(plan.Inpainted(RePaintSchedule.None), World, SomeData, Nothing)[^1].State);
            Assert.Equal(plain.Mean, edited.Mean);
            Assert.Equal(plain.Coefficients.OrderBy(entry => entry.Key), edited.Coefficients.OrderBy(entry => entry.Key));
        });

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    [InlineData(7, 4)]
    public void What_is_to_stay_has_the_marginal_of_every_level_and_ends_as_the_original_itself(int jump, int rounds)
    {
        var plan = Ancestral.Plan(Schedule, new TimestepSpacing.Leading(20)).Inpainted(new(jump, rounds));
        var states = States(plan, World, Affine.Combine(0.25), Everything);
        foreach (var (level, state) in states)
        {
            Assert.Equal(level.Alpha * 0.25, state.Mean, 1e-12);
            Assert.Equal(level.Sigma, state.Sigma, 1e-12);
        }
        Assert.Equal((0.25, 0.0), (states[^1].State.Mean, states[^1].State.Variance));
    }

    [Fact]
    public void One_round_is_plain_replacement_whatever_the_stretch()
    {
        var plan = Ancestral.Plan(Schedule, new TimestepSpacing.Leading(20));
        Assert.Equal(plan.Inpainted(RePaintSchedule.None), plan.Inpainted(new(10, 1)));
        Assert.Equal(plan.NetworkCalls, plan.Inpainted(new(10, 1)).NetworkCalls);
    }

    [Fact]
    public void Every_noise_of_an_inpainting_is_drawn_once()
    {
        var plan = Ancestral.Plan(Schedule, new TimestepSpacing.Leading(30)).Inpainted(new(5, 4));
        var numbers = plan.Steps.SelectMany(step => step.Instructions).OfType<Instruction.Draw>().Select(draw => draw.Number).ToArray();
        Assert.Equal(numbers.Distinct(), numbers);
        Assert.DoesNotContain(0, numbers);
    }

    [Fact]
    public void Noise_that_is_added_again_leads_to_the_marginal_where_the_stretch_began()
    {
        var plan = Ancestral.Plan(Schedule, new TimestepSpacing.Leading(20)).Inpainted(new(4, 2));
        var back = plan.Steps.Where(step => step.To.Time > step.From.Time).ToArray();
        Assert.Equal(4, back.Length);
        foreach (var step in back)
        {
            var noisy = Affine.Combine(0, new(step.From.Marginal.Alpha, SomeData), new(step.From.Marginal.Sigma, Affine.Draw(-2)));
            var slots = ImmutableDictionary<Slot, Affine>.Empty.Add(Slot.State, noisy);
            var state = new Interpreter<Affine>(World, World, World).Step(slots, step)[Slot.State];
            var (alpha, sigma) = (step.To.Marginal.Alpha, step.To.Marginal.Sigma);
            Assert.Equal(alpha * World.Mean, state.Mean, 1e-12);
            Assert.Equal(alpha * alpha * World.Sigma * World.Sigma + sigma * sigma, state.Variance, 1e-12);
        }
    }

    [Fact]
    public void Going_stretches_again_keeps_the_datas_distribution_as_steps_grow() => Converges(levels =>
    {
        var plan = Ancestral.Plan(new NoiseSchedule.Cosine(levels), new TimestepSpacing.All()).Inpainted(new(levels / 10, 3));
        return ErrorOf(States(plan, World, SomeData, Nothing)[^1].State);
    });

    [Fact]
    public void Going_stretches_again_brings_what_is_made_into_agreement_with_what_is_known()
    {
        var plane = new GaussianPlane(0.9, 1.5);
        double Error(int rounds)
        {
            var made = plane.Run(Ancestral.Plan(Schedule, new TimestepSpacing.Leading(100)).Inpainted(new(5, rounds)));
            return Abs(made.Mean - plane.Correlation * plane.Known) + Abs(made.Sigma - Sqrt(1 - plane.Correlation * plane.Correlation));
        }
        var (once, thrice, often) = (Error(1), Error(3), Error(20));
        Assert.True(thrice < 0.4 * once && often < 0.6 * thrice && often < 0.1, $"{once:F3} {thrice:F3} {often:F3}");
    }

    /// <summary>Lugmayr et al. 2022, Appendix B: their list of times, written down from the words of the paper.</summary>
    [Theory]
    [InlineData(250, 10, 10, 4570)]
    [InlineData(20, 3, 4, 128)]
    [InlineData(7, 7, 2, 7)]
    [InlineData(8, 7, 2, 22)]
    public void Stretches_are_those_of_the_published_schedule(int steps, int jump, int rounds, int published)
    {
        var plan = Ancestral.Plan(new NoiseSchedule.Linear(steps), new TimestepSpacing.All()).Inpainted(new(jump, rounds));
        var left = Enumerable.Range(0, steps)
            .Where(time => time % jump == 0 && time < steps - jump).ToDictionary(time => time, _ => rounds - 1);
        List<(double From, double To)> expected = [];
        var (time, single) = (steps - 1, 0);
        while (time >= 0)
        {
            expected.Add((time, time - 1));
            (time, single) = (time - 1, single + 1);
            if (left.GetValueOrDefault(time) > 0)
            {
                left[time]--;
                expected.Add((time, time + jump));
                (time, single) = (time + jump, single + jump);
            }
        }
        Assert.Equal(expected, plan.Steps.Select(step => (step.From.Time, step.To.Time)));
        Assert.Equal(published, single);
        Assert.Equal(expected.Count(step => step.To < step.From), plan.NetworkCalls);
    }

    [Fact]
    public void A_sampler_that_remembers_can_replace_but_not_go_a_stretch_again()
    {
        var plan = SamplerCatalogue.Find("dpm++2m")!.Sampler.Plan(Schedule, new TimestepSpacing.Trailing(10));
        Assert.Equal(10, plan.Inpainted(new(5, 1)).Steps.Count);
        Assert.Contains("remembers", Assert.Throws<ArgumentException>(() => plan.Inpainted(new(5, 2))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_editing_plan_without_an_original_is_refused()
    {
        var plan = Ancestral.Plan(Schedule, new TimestepSpacing.Leading(10));
        foreach (var edited in new[] { plan.FromOriginal(), plan.Inpainted(RePaintSchedule.None) })
            Assert.Contains(
                "original", Assert.Throws<InvalidOperationException>(() => World.Run(edited)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_is_inpainted_before_it_sets_out_from_the_original()
    {
        var plan = Ancestral.Plan(Schedule, new TimestepSpacing.Leading(10));
        Assert.Throws<ArgumentException>(() => plan.FromOriginal().Inpainted(new(2, 3)));
        Assert.Throws<ArgumentException>(() => plan.Inpainted(RePaintSchedule.None).Inpainted(RePaintSchedule.None));
        var noised = plan.Inpainted(new(2, 3)).FromOriginal();
        Assert.Equal(
            1, noised.Steps.Count(step => step.Instructions[^1] != step.Instructions[0] && step.Instructions[0] is Instruction.Recall));
    }

    [Fact]
    public void An_inpainting_reads_as_its_paper()
    {
        var text = PlanText.Print(Ancestral.Plan(Schedule, new TimestepSpacing.Leading(3)).Inpainted(new(1, 2)).FromOriginal());
        Golden.Project.Text(text, "Plan.Inpainting");
    }

    private static Func<Affine, Affine, Affine> Nothing => (_, made) => made;

    private static Func<Affine, Affine, Affine> Everything => (known, _) => known;

    private static double ErrorOf(Affine result) => Abs(result.Mean - World.Mean) + Abs(result.Sigma - World.Sigma);

    private static void Converges(Func<int, double> error)
    {
        var (coarse, middle, fine) = (error(50), error(100), error(200));
        Assert.True(fine < 0.6 * middle && middle < 0.6 * coarse, $"{coarse:E2} {middle:E2} {fine:E2}");
    }

    /// <summary>The state after every step, with the marginal of the level it should have.</summary>
    private static List<(Marginal Level, Affine State)> States(
        SamplerPlan plan, GaussianWorld world, Affine original, Func<Affine, Affine, Affine>? restore = null)
    {
        var interpreter = new Interpreter<Affine>(world, world, world) { Original = new Original(original, restore ?? Nothing) };
        var (slots, states) = (interpreter.Begin(plan), new List<(Marginal, Affine)>());
        foreach (var step in plan.Steps)
        {
            slots = interpreter.Step(slots, step);
            states.Add((step.To.Marginal, slots[Slot.State]));
        }
        return states;
    }

    private sealed record Original(Affine Image, Func<Affine, Affine, Affine> Made) : IOriginal<Affine>
    {
        public Affine Restore(Affine known, Affine made) => Made(known, made);
    }
}
