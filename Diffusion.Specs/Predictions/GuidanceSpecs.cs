using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;

namespace Diffusion.Specs.Predictions;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class GuidanceSpecs
{
    [Property]
    public void Guidance_commutes_with_reading_out(
        Guidance guidance, Prediction prediction, NoisyMarginal marginal, Weight state, Weight conditional, Weight unconditional)
    {
        var terms = guidance.WeightsAt(new(0, marginal.Value)).Terms;
        var readout = prediction.ReadoutAt(marginal.Value);
        double Read(double output) => readout.OfState * state.Value + readout.OfOutput * output;
        double Answer(Condition condition) => condition is Condition.Labelled ? conditional.Value : unconditional.Value;
        double Combine(Func<Condition, double> answer) => terms.Sum(term => term.Weight * answer(term.Condition));
        var size = (Abs(Read(conditional.Value)) + Abs(Read(unconditional.Value)) + Abs(Read(0)))
            * (1 + terms.Sum(term => Abs(term.Weight)));
        Assert.Equal(
            Read(Combine(Answer)), Combine(condition => Read(Answer(condition))), 1e-12 * Max(1, 2 * size));
    }

    [Fact]
    public void Its_text_says_both_conventions()
    {
        var free = new Guidance.ClassifierFree(0.5);
        Assert.Equal("none", new Guidance.None().ToString());
        Assert.Equal("w = 0.5 (s = 1.5)", free.ToString());
        Assert.Equal("w = 0.5 (s = 1.5) where 0.2 < sigma/alpha <= 5", new Guidance.Interval(free, 0.2, 5).ToString());
        Assert.Equal("w = 0.5 (s = 1.5), rescaled by 0.7", new Guidance.Rescaled(free).ToString());
        Assert.Equal("autoguidance w = 0.5 (s = 1.5)", new Guidance.Autoguidance(0.5).ToString());
        Assert.Equal("w = 0.5 (s = 1.5), schedule power-cosine 4",
            new Guidance.Scheduled(free, new GuidanceSchedule.PowerCosine()).ToString());
        Assert.Equal("w = 0.5 (s = 1.5), schedule 0.1:1, 2:3",
            new Guidance.Scheduled(free, new GuidanceSchedule.Points([new(0.1, 1), new(2, 3)])).ToString());
        Assert.Equal("w = 0.5 (s = 1.5), projected (parallel 0, norm at most 5, momentum -0.5)",
            new Guidance.Projected(free, new(0, 5, -0.5)).ToString());
        Assert.Equal("and 5, not 8 × 0.5", new Guidance.Composed(new Guidance.None(), [new LabelTerm.And(5), new LabelTerm.Not(8, 0.5)])
            .ToString());
    }

    [Property]
    public void The_weights_add_up_to_1(Guidance guidance, NoisyMarginal marginal)
    {
        var terms = guidance.WeightsAt(new(0, marginal.Value)).Terms;
        Assert.Equal(1, terms.Sum(term => term.Weight), 1e-12 * (1 + terms.Sum(term => Abs(term.Weight))));
    }

    [Property]
    public void Strength_0_is_the_conditional_model_and_asks_no_other(NoisyMarginal marginal)
    {
        var weights = new Guidance.ClassifierFree(0).WeightsAt(new(0, marginal.Value));
        Assert.Equal(GuidanceWeights.Conditional.OfConditional, weights.OfConditional);
        Assert.Equal([new Condition.Labelled()], weights.Asked);
    }

    [Property]
    public void Strength_minus_1_is_the_unconditional_model_and_asks_no_other(NoisyMarginal marginal)
    {
        var weights = new Guidance.ClassifierFree(-1).WeightsAt(new(0, marginal.Value));
        Assert.Equal((0, 1), (weights.OfConditional, weights.OfUnconditional));
        Assert.Equal([new Condition.Unlabelled()], weights.Asked);
    }

    [Property]
    public void The_two_conventions_differ_by_1(Weight scale)
    {
        var guidance = Guidance.ClassifierFree.OfScale(scale.Value);
        Assert.Equal(scale.Value, guidance.Scale, 1e-15);
        Assert.Equal(scale.Value - 1, guidance.W);
    }

    [Theory]
    [InlineData(0.1, false)]
    [InlineData(0.2, false)]
    [InlineData(0.3, true)]
    [InlineData(5, true)]
    [InlineData(5.1, false)]
    [InlineData(double.PositiveInfinity, false)]
    public void An_interval_guides_at_medium_noise_only(double noise, bool guided)
    {
        var marginal = double.IsFinite(noise) ? Marginal.OfSigma(noise) : new Marginal(0, 1);
        var weights = new Guidance.Interval(new Guidance.ClassifierFree(3), 0.2, 5).WeightsAt(new(0, marginal));
        Assert.Equal(guided, weights.Asked.Contains(new Condition.Unlabelled()));
        Assert.Equal(guided ? 4 : 1, weights.OfConditional);
    }

    [Property]
    public void Rescaling_by_the_whole_share_restores_the_conditional_deviation(Probability conditional, Probability combined)
    {
        var weights = new Guidance.Rescaled(new Guidance.ClassifierFree(6.5), 1).WeightsAt(new(0, Marginal.OfSigma(1)));
        Assert.Equal(conditional.Value, combined.Value * weights.FactorFor(conditional.Value, combined.Value), 1e-14);
        Assert.Contains(new Condition.Labelled(), weights.Asked);
    }

    [Property]
    public void Rescaling_by_no_share_changes_nothing(Probability conditional, Probability combined) =>
        Assert.Equal(
            1,
            new Guidance.Rescaled(new Guidance.ClassifierFree(6.5), 0).WeightsAt(new(0, Marginal.OfSigma(1)))
                .FactorFor(conditional.Value, combined.Value));

    [Property]
    public void A_classifiers_score_shift_is_the_shift_of_the_noise_by_the_gradient(
        NoisyMarginal marginal, Weight state, Weight clean, Weight gradient)
    {
        // ε̂ = ε − s·sigma·gradient, read as clean data. Dhariwal and Nichol 2021, Algorithm 2.
        var readout = new Prediction.Noise().ReadoutAt(marginal.Value);
        var toNoise = new Prediction.Clean().ConvertAt(marginal.Value, new Prediction.Noise());
        var noise = toNoise.OfState * state.Value + toNoise.OfOutput * clean.Value - 3 * marginal.Value.Sigma * gradient.Value;
        var expected = readout.OfState * state.Value + readout.OfOutput * noise;
        var shift = new ClassifierGuidance.ScoreShift(3).InDenoised(marginal.Value) * gradient.Value;
        Assert.Equal(expected, clean.Value + shift, 1e-9 * Max(1, Abs(expected)));
    }

    [Property]
    public void A_classifiers_forms_do_not_mix(ClassifierGuidance guidance, NoisyMarginal marginal, Probability variance) =>
        Assert.True(guidance.InMean(variance.Value) == 0 || guidance.InDenoised(marginal.Value) == 0);

    [Fact]
    public void For_normal_classes_the_guided_score_is_that_of_a_sharper_class()
    {
        // Two classes N(±1, 1) of equal weight: ∇log p(c|x) = score(x|c) − score(x), so classifier-free w is a classifier's s = 1 + w.
        var marginal = Marginal.OfSigma(0.7);
        foreach (var x in (double[])[-2, -0.3, 0.4, 1.9])
        {
            var total = 1 + marginal.Sigma * marginal.Sigma;
            double Score(double mean) => (mean - x) / total;
            var weight = 1 / (1 + Exp(-2 * x / total));
            var unconditional = weight * Score(1) + (1 - weight) * Score(-1);
            var gradient = Score(1) - unconditional;
            var weights = new Guidance.ClassifierFree(2).WeightsAt(new(0, marginal));
            var guided = weights.OfConditional * Score(1) + weights.OfUnconditional * unconditional;
            Assert.Equal(unconditional + 3 * gradient, guided, 1e-12);
        }
    }

    [Fact]
    public void Settings_that_make_no_sense_are_refused()
    {
        var inner = new Guidance.None();
        Assert.Contains("NaN", Assert.ThrowsAny<ArgumentException>(() => new Guidance.ClassifierFree(double.NaN)).Message);
        Assert.Contains("1.5", Assert.ThrowsAny<ArgumentException>(() => new Guidance.Rescaled(inner, 1.5)).Message);
        Assert.Contains("-1", Assert.ThrowsAny<ArgumentException>(() => new Guidance.Interval(inner, -1, 2)).Message);
        Assert.Contains("2", Assert.ThrowsAny<ArgumentException>(() => new Guidance.Interval(inner, 2, 2)).Message);
        Assert.Contains("-3", Assert.ThrowsAny<ArgumentException>(() => new Projection(0, -3)).Message);
        Assert.Contains("1", Assert.ThrowsAny<ArgumentException>(() => new Projection(0, 3, 1)).Message);
        Assert.Contains("1.5", Assert.ThrowsAny<ArgumentException>(() => new LabelTerm.Blend(0, 1.5)).Message);
        Assert.Contains("0", Assert.ThrowsAny<ArgumentException>(() => new LabelTerm.Not(0, 0)).Message);
        Assert.Contains("2 comes before 1", Assert.ThrowsAny<ArgumentException>(
            () => new GuidanceSchedule.Points([new(2, 1), new(1, 1)])).Message);
        Assert.Contains("Infinity", Assert.ThrowsAny<ArgumentException>(
            () => new ClassifierGuidance.MeanShift(double.PositiveInfinity)).Message);
        Assert.Contains("NaN", Assert.ThrowsAny<ArgumentException>(() => new ClassifierGuidance.ScoreShift(double.NaN)).Message);
    }
}
