using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Rewriting;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;
using Diffusion.Math.Worlds;

namespace Diffusion.Specs.Sampling;

public sealed class PlanGuidanceSpecs
{
    private static readonly Clipping Unlimited = new Clipping.None();
    private static readonly NoiseSchedule.Linear Schedule = new();
    private static readonly MixtureWorld World =
        MixtureWorld.Of(new Blob(0.5, [-0.7, 0.2], 0.3), new Blob(0.3, [0.6, 0.5], 0.2), new Blob(0.2, [0.1, -0.8], 0.25));

    public static TheoryData<string> Names => new(SamplerCatalogue.Entries
        .Where(entry => entry.Sampler is not Sampler.Ancestral { Variance: Variance.LearnedRange }).Select(entry => entry.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void With_scale_1_the_score_form_turns_the_unconditional_model_into_that_of_the_label(string name)
    {
        var plan = PlanOf(name);
        Same(Run(World.Part(1), plan), Run(World, plan.GuidedBy(new ClassifierGuidance.ScoreShift(1))));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.5)]
    [InlineData(3.0)]
    public void Scale_1_plus_w_is_classifier_free_guidance_of_strength_w(double strength)
    {
        var plan = PlanOf("dpm++2m");
        var free = new Interpreter<double[]>(
            World.Space, new GuidedWorld(World, 1, new Guidance.ClassifierFree(strength)), GivenStart.Grid(4)).Run(plan);
        Same(free, Run(World, plan.GuidedBy(new ClassifierGuidance.ScoreShift(1 + strength))));
    }

    [Theory]
    [InlineData("ddpm")]
    [InlineData("ddim")]
    [InlineData("dpm++2m")]
    [InlineData("sde-dpm++2m")]
    public void Scale_0_leaves_samples_as_they_are(string name)
    {
        var plan = PlanOf(name);
        Same(Run(World, plan), Run(World, plan.GuidedBy(new ClassifierGuidance.ScoreShift(0))));
        Same(Run(World, plan), Run(World, plan.GuidedBy(new ClassifierGuidance.MeanShift(0))));
    }

    [Fact]
    public void The_mean_shift_adds_variance_times_gradient()
    {
        var plan = new Sampler.Ancestral(new Variance.Small(), Unlimited).Plan(Schedule, new TimestepSpacing.Leading(50));
        var guided = plan.GuidedBy(new ClassifierGuidance.MeanShift(2));
        foreach (var (step, moved) in plan.Steps.Zip(guided.Steps).SkipLast(1))
        {
            var noise = step.Instructions.OfType<Instruction.Combine>().Single().Terms.Single(term => term.Slot == Slot.Noise).Weight;
            var terms = moved.Instructions.OfType<Instruction.Combine>().Single().Terms;
            Assert.Equal(2 * noise * noise, terms.Single(term => term.Slot == Slot.Gradient).Weight, 1e-15);
        }
        Assert.Equal(plan.Steps[^1], guided.Steps[^1]);
        Assert.Equal(plan.Steps.Count - 1, guided.ClassifierCalls);
        Assert.Equal(plan.NetworkCalls, guided.NetworkCalls);
    }

    [Fact]
    public void Of_a_learned_variance_the_mean_shift_takes_the_square_of_the_deviation()
    {
        var plan = new Sampler.Ancestral(new Variance.LearnedRange(), Unlimited).Plan(Schedule, new TimestepSpacing.Leading(50));
        var step = plan.GuidedBy(new ClassifierGuidance.MeanShift(1)).Steps[0];
        var ranges = step.Instructions.OfType<Instruction.Modulate>().ToDictionary(modulate => modulate.Into, modulate => modulate.Range);
        Assert.Equal(Pow(ranges[Slot.Noise].FactorAt(0.3), 2), ranges[Slot.Gradient].FactorAt(0.3), 1e-15);
    }

    [Fact]
    public void The_mean_shift_reaches_the_wanted_label_as_steps_grow()
    {
        double Error(int steps)
        {
            var plan = new Sampler.Ancestral(new Variance.Small(), Unlimited).Plan(Schedule, new TimestepSpacing.LogSnr(steps));
            var interpreter = new Interpreter<double[]>(World.Space, World, new NumberNoise(new Seed(3), 3000))
            {
                Classifier = new MixtureWorld.Classifier(World, 2),
            };
            var points = interpreter.Run(plan.GuidedBy(new ClassifierGuidance.MeanShift(1)));
            var (x, y) = (points.Where((_, index) => index % 2 == 0).Average(), points.Where((_, index) => index % 2 == 1).Average());
            return Abs(x - 0.1) + Abs(y + 0.8);
        }
        var (coarse, fine) = (Error(20), Error(160));
        Assert.True(fine < 0.25 * coarse && fine < 0.1, $"{coarse:F3} {fine:F3}");
    }

    [Fact]
    public void A_mean_shift_of_a_plan_whose_noise_does_not_end_the_step_is_refused()
    {
        var plan = Sampler.Edm.Of(new Churn(40)).Plan(Schedule, new TimestepSpacing.Trailing(5));
        Assert.Throws<ArgumentException>(() => plan.GuidedBy(new ClassifierGuidance.MeanShift(1)));
    }

    [Fact]
    public void A_guided_plan_without_a_classifier_is_refused()
    {
        var plan = PlanOf("ddim").GuidedBy(new ClassifierGuidance.ScoreShift(1));
        var interpreter = new Interpreter<double[]>(World.Space, World, GivenStart.Grid(2));
        Assert.Contains("classifier", Assert.Throws<InvalidOperationException>(() => interpreter.Run(plan)).Message);
    }

    private static SamplerPlan PlanOf(string name) => SamplerCatalogue.Find(name)!.Sampler.Plan(Schedule, new TimestepSpacing.Trailing(8));

    private static double[] Run(MixtureWorld world, SamplerPlan plan) =>
        new Interpreter<double[]>(World.Space, world, GivenStart.Grid(4)) { Classifier = new MixtureWorld.Classifier(World, 1) }.Run(plan);

    private static void Same(double[] expected, double[] actual) =>
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-9 * Max(1, Abs(pair.First))));
}
