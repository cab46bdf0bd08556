using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;
using Diffusion.Math.Worlds;

namespace Diffusion.Specs.Sampling;

/// <summary>What each guidance does to the exact denoisers of mixtures, where it has a closed form.</summary>
public sealed class GuidanceRuleSpecs
{
    private const double Rounding = 1e-12;
    private const double FiniteDifference = 1e-6;

    private static readonly MixtureWorld World =
        MixtureWorld.Of(new Blob(0.5, [-0.7, 0.2], 0.3), new Blob(0.3, [0.6, 0.5], 0.2), new Blob(0.2, [0.1, -0.8], 0.25));

    // The same parts, seen less sharply.
    private static readonly MixtureWorld Blurred = new(World.Blobs.Select(blob => blob with { Sigma = 2 * blob.Sigma }).ToSequence());

    private static readonly double[] States = [0.3, -0.4, -1.1, 0.8, 0.9, 0.1, 0.02, -0.03];

    public static TheoryData<double> Noises => [0.05, 0.4, 1.5, 12];

    [Theory]
    [MemberData(nameof(Noises))]
    public void Labels_combined_multiply_their_likelihoods(double noise)
    {
        // p(x)·(p(x|0)/p(x))^(1+w)·(p(x|1)/p(x))^(a(1+w))·(p(x|2)/p(x))^(−b(1+w)). Liu et al. 2022, Eq. 11 and 13.
        const double w = 0.7, a = 0.5, b = 0.3;
        var guidance = new Guidance.Composed(new Guidance.ClassifierFree(w), [new LabelTerm.And(1, a), new LabelTerm.Not(2, b)]);
        IsTheEstimateOf(noise, guidance, (all, part) =>
            all + (1 + w) * (part(0) - all) + (1 + w) * a * (part(1) - all) - (1 + w) * b * (part(2) - all));
    }

    [Theory]
    [MemberData(nameof(Noises))]
    public void A_blend_is_the_geometric_mean_of_the_densities(double noise) => IsTheEstimateOf(
        noise, new Guidance.Composed(new Guidance.None(), [new LabelTerm.Blend(1, 0.3)]), (_, part) => 0.7 * part(0) + 0.3 * part(1));

    [Theory]
    [MemberData(nameof(Noises))]
    public void Autoguidance_sharpens_a_Gaussian_in_the_ratio_of_both_models(double noise)
    {
        // p^(1+w)/p_weak^w of two Gaussians of one centre is a Gaussian of precision (1 + w)/v − w/v_weak.
        const double w = 1.3;
        var (level, blob) = (Level(noise), World.Blobs[1]);
        var (alpha, sigma) = (level.Marginal.Alpha, level.Marginal.Sigma);
        double Variance(double spread) => alpha * alpha * spread * spread + sigma * sigma;
        var precision = (1 + w) / Variance(blob.Sigma) - w / Variance(2 * blob.Sigma);
        var found = new GuidedWorld(World, 1, new Guidance.Autoguidance(w)) { Weaker = Blurred }.Denoise(States, level);
        Same(States.Select((x, index) => (x - sigma * sigma * precision * (x - alpha * blob.Centre[index % 2])) / alpha), found);
    }

    [Fact]
    public void A_weaker_model_that_is_missing_is_named() => Assert.Contains("weaker model",
        Assert.Throws<InvalidOperationException>(() => Estimate(new Guidance.Autoguidance(1), 1)).Message, StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Noises))]
    public void A_scheduled_weight_is_the_weight_times_the_factor_of_the_level(double noise)
    {
        var linear = new Guidance.Scheduled(new Guidance.ClassifierFree(3), new GuidanceSchedule.Linear());
        var share = 2 / PI * Atan(noise);
        Same(Estimate(new Guidance.ClassifierFree(6 * (1 - share)), noise), Estimate(linear, noise));
        var points = new GuidanceSchedule.Points([new(0.1, 1), new(10, 5)]);
        var expected = noise <= 0.1 ? 1 : noise >= 10 ? 5 : 1 + 4 * Log(noise / 0.1) / Log(100);
        Assert.Equal(expected, points.FactorAt(Level(noise)), Rounding);
    }

    [Fact]
    public void Schedules_of_Wang_et_al_are_1_on_average_and_0_at_noise_alone()
    {
        foreach (GuidanceSchedule schedule in new GuidanceSchedule[] { new GuidanceSchedule.Linear(), new GuidanceSchedule.Cosine() })
        {
            var factors = Enumerable.Range(0, 1000).Select(step => PI / 2 * (step + 0.5) / 1000)
                .Select(angle => schedule.FactorAt(new NoiseLevel(0, new Marginal(Cos(angle), Sin(angle))))).ToList();
            Assert.Equal(1, factors.Average(), 1e-9);
            Assert.Equal(factors.OrderDescending(), factors);
            Assert.Equal(0, schedule.FactorAt(new NoiseLevel(0, new Marginal(0, 1))), Rounding);
        }
        var power = new GuidanceSchedule.PowerCosine();
        Assert.Equal((1.0, 0.0), (Round(power.FactorAt(Level(1e-9)), 6), Round(power.FactorAt(new(0, new(0, 1))), 12)));
    }

    [Theory]
    [MemberData(nameof(Noises))]
    public void Projected_without_the_parallel_part_the_step_is_at_right_angles_to_the_estimate(double noise)
    {
        var (plain, conditional) = (Estimate(new Guidance.ClassifierFree(4), noise), Estimate(new Guidance.None(), noise));
        var found = Estimate(Projected(4, new(0)), noise);
        foreach (var ((d, g), f) in conditional.Chunk(2).Zip(plain.Chunk(2)).Zip(found.Chunk(2)))
        {
            double[] step = [f[0] - d[0], f[1] - d[1]], whole = [g[0] - d[0], g[1] - d[1]];
            Assert.Equal(0, step[0] * d[0] + step[1] * d[1], 1e-9);
            // What is left out is the projection of the whole step.
            var share = (whole[0] * d[0] + whole[1] * d[1]) / (d[0] * d[0] + d[1] * d[1]);
            Assert.Equal(whole[0] - share * d[0], step[0], 1e-9);
            Assert.Equal(whole[1] - share * d[1], step[1], 1e-9);
        }
    }

    [Theory]
    [MemberData(nameof(Noises))]
    public void A_radius_shortens_the_step_of_each_sample_to_w_times_itself_and_leaves_shorter_ones(double noise)
    {
        const double radius = 0.4;
        var (plain, conditional) = (Estimate(new Guidance.ClassifierFree(3), noise), Estimate(new Guidance.None(), noise));
        var found = Estimate(Projected(3, new(1, radius)), noise);
        foreach (var ((d, g), f) in conditional.Chunk(2).Zip(plain.Chunk(2)).Zip(found.Chunk(2)))
        {
            double Length(double[] to) => Sqrt(Pow(to[0] - d[0], 2) + Pow(to[1] - d[1], 2));
            Assert.Equal(Min(Length(g), 3 * radius), Length(f), 1e-9);
        }
    }

    [Fact]
    public void Momentum_adds_up_the_directions_as_a_geometric_series()
    {
        var conditional = Estimate(new Guidance.None(), 0.8);
        var step = Estimate(new Guidance.ClassifierFree(2), 0.8).Zip(conditional, (one, other) => one - other).ToArray();
        var guided = new GuidedWorld(World, 0, Projected(2, new(1, null, -0.5)));
        foreach (var sum in new[] { 1, 0.5, 0.75, 0.625 })
            Same(conditional.Zip(step, (estimate, whole) => estimate + sum * whole), guided.Denoise(States, Level(0.8)));
    }

    [Fact]
    public void On_a_line_every_direction_is_parallel_and_projected_guidance_is_the_conditional_model()
    {
        var line = MixtureWorld.Of(new Blob(0.6, [-0.8], 0.2), new Blob(0.4, [0.5], 0.3));
        double[] Run(Guidance guidance) => new Interpreter<double[]>(
            line.Space, new GuidedWorld(line, 1, guidance), GivenStart.Quantiles(50)).Run(Plan(new Clipping.None()));
        Same(Run(new Guidance.None()), Run(Projected(5, new(0))));
    }

    [Theory]
    [MemberData(nameof(Noises))]
    public void Rescaled_by_1_each_sample_has_the_deviation_of_its_conditional_estimate(double noise)
    {
        var (conditional, found) = (Estimate(new Guidance.None(), noise),
            Estimate(new Guidance.Rescaled(new Guidance.ClassifierFree(3), 1), noise));
        double Spread(double[] sample) => Abs(sample[0] - sample[1]) / Sqrt(2);
        Assert.All(conditional.Chunk(2).Zip(found.Chunk(2)), pair => Assert.Equal(Spread(pair.First), Spread(pair.Second), 1e-9));
    }

    public static TheoryData<Guidance> Neutral => new(
        Wrapped(new Guidance.ClassifierFree(2.3)).Concat(Wrapped(new Guidance.Autoguidance(2.3))));

    [Theory]
    [MemberData(nameof(Neutral))]
    public void What_is_neutral_is_plain_guidance_to_the_bit(Guidance guidance) => Assert.Equal(
        Run(guidance.Innermost, new Clipping.None()), Run(guidance, new Clipping.None()));

    [Fact]
    public void An_interval_without_levels_and_a_weight_of_0_are_the_conditional_model_to_the_bit()
    {
        var expected = Run(new Guidance.None(), new Clipping.None());
        Guidance strong = new Guidance.Rescaled(Projected(5, new(0, 1, -0.5)), 0.7);
        Assert.Equal(expected, Run(new Guidance.Interval(strong, 1e6, 1e7), new Clipping.None()));
        Assert.Equal(expected, Run(new Guidance.Autoguidance(0), new Clipping.None()));
        Assert.Equal(expected, Run(new Guidance.Scheduled(strong, new GuidanceSchedule.Points([new(1, 0)])), new Clipping.None()));
        Assert.Equal(expected, Run(new Guidance.Composed(new Guidance.None(), [new LabelTerm.Blend(2, 0)]), new Clipping.None()));
    }

    [Fact]
    public void The_label_itself_as_another_label_is_guidance_of_strength_1() => Same(
        Run(new Guidance.ClassifierFree(1), new Clipping.None()),
        Run(new Guidance.Composed(new Guidance.None(), [new LabelTerm.And(0)]), new Clipping.None()));

    [Fact]
    public void A_blend_of_the_whole_share_is_the_other_label_to_the_bit() => Assert.Equal(
        new Interpreter<double[]>(World.Space, World.Part(2), GivenStart.Grid(4)).Run(Plan(new Clipping.None())),
        Run(new Guidance.Composed(new Guidance.None(), [new LabelTerm.Blend(2, 1)]), new Clipping.None()));

    [Fact]
    public void Dynamic_thresholding_with_a_threshold_of_1_is_clipping_to_the_bit()
    {
        var guidance = new Guidance.ClassifierFree(4);
        Assert.Equal(Run(guidance, new Clipping.Clip()), Run(guidance, new Clipping.Dynamic(new(0.9, 1))));
    }

    private static IEnumerable<Guidance> Wrapped(Guidance inner) =>
    [
        new Guidance.Interval(inner, 0, double.MaxValue),
        new Guidance.Scheduled(inner, new GuidanceSchedule.Constant()),
        new Guidance.Rescaled(inner, 0),
        new Guidance.Projected(inner, Projection.None),
        new Guidance.Projected(inner, new(1)),
        new Guidance.Composed(inner, [new LabelTerm.And(1, 0.4), new LabelTerm.Not(1, 0.4)]),
        new Guidance.Composed(inner, [new LabelTerm.Blend(1, 0)]),
    ];

    private static Guidance.Projected Projected(double w, Projection projection) => new(new Guidance.ClassifierFree(w), projection);

    private static NoiseLevel Level(double noise) => new(0, Marginal.OfSigma(noise));

    private static SamplerPlan Plan(Clipping clipping) => (SamplerCatalogue.Find("dpm++2m")!.Sampler with { Clipping = clipping })
        .Plan(new NoiseSchedule.Linear(), new TimestepSpacing.LogSnr(8));

    private static double[] Estimate(Guidance guidance, double noise) => new GuidedWorld(World, 0, guidance).Denoise(States, Level(noise));

    private static double[] Run(Guidance guidance, Clipping clipping) => new Interpreter<double[]>(
        World.Space, new GuidedWorld(World, 0, guidance) { Weaker = Blurred }, GivenStart.Grid(4)).Run(Plan(clipping));

    // x̂_0 = (x + sigma²·∇ log f)/alpha, for log f made of the logarithms of the densities of noisy data. Efron 2011.
    private static void IsTheEstimateOf(double noise, Guidance guidance, Func<double, Func<int, double>, double> logarithm)
    {
        var (found, marginal) = (Estimate(guidance, noise), Level(noise).Marginal);
        double Logarithm(double[] x)
        {
            double Density(Blob blob)
            {
                var variance = marginal.Alpha * marginal.Alpha * blob.Sigma * blob.Sigma + marginal.Sigma * marginal.Sigma;
                var distance = x.Zip(blob.Centre, (number, centre) => Pow(number - marginal.Alpha * centre, 2)).Sum();
                return Exp(-distance / (2 * variance)) / (2 * PI * variance);
            }
            return logarithm(Log(World.Blobs.Sum(blob => blob.Weight * Density(blob))), label => Log(Density(World.Blobs[label])));
        }
        for (var index = 0; index < States.Length; index++)
        {
            var (point, axis, h) = (index / 2 * 2, index % 2, 1e-5);
            double At(double shift) => Logarithm([States[point] + (axis == 0 ? shift : 0), States[point + 1] + (axis == 1 ? shift : 0)]);
            var slope = (At(h) - At(-h)) / (2 * h);
            var expected = (States[index] + marginal.Sigma * marginal.Sigma * slope) / marginal.Alpha;
            Assert.Equal(expected, found[index], FiniteDifference * Max(1, marginal.Sigma * marginal.Sigma));
        }
    }

    private static void Same(IEnumerable<double> expected, IEnumerable<double> found) =>
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-9 * Max(1, Abs(pair.First))));
}
