using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Rewriting;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;
using Diffusion.Math.Worlds;

namespace Diffusion.Specs.Sampling;

public sealed class MixtureSpecs
{
    private static readonly Clipping Unlimited = new Clipping.None();
    private static readonly NoiseSchedule.Linear Schedule = new();
    private static readonly MixtureWorld Line =
        MixtureWorld.Of(new Blob(0.5, [-0.8], 0.1), new Blob(0.3, [0.1], 0.15), new Blob(0.2, [0.9], 0.05));

    private static readonly MixtureWorld Plane = MixtureWorld.Of(
        new Blob(0.3, [-0.8, -0.5], 0.15),
        new Blob(0.1, [0.7, -0.6], 0.1),
        new Blob(0.2, [0, 0], 0.2),
        new Blob(0.25, [-0.6, 0.8], 0.1),
        new Blob(0.15, [0.8, 0.7], 0.15));

    public static TheoryData<string, Sampler> Deterministic => new()
    {
        { "ddim", new Sampler.Ddim(0, Unlimited, NoiseDirection.Predicted) },
        { "heun", new Sampler.Heun(Unlimited) },
        { "dpm++2m", SamplerCatalogue.Find("dpm++2m")!.Sampler },
        { "dpm++3m", SamplerCatalogue.Find("dpm++3m")!.Sampler },
        { "dpm++2s", SamplerCatalogue.Find("dpm++2s")!.Sampler },
        { "unipc", SamplerCatalogue.Find("unipc")!.Sampler },
        { "lms", SamplerCatalogue.Find("lms")!.Sampler },
    };

    [Theory]
    [MemberData(nameof(Deterministic))]
    public void On_the_line_the_density_is_approached_as_steps_double(string name, Sampler sampler) =>
        Falls(name, [8, 16, 32], steps => Variation(Line, sampler, steps, GivenStart.Quantiles(4000)), name == "ddim" ? 0.06 : 0.03);

    [Fact]
    public void In_the_plane_the_density_is_approached_as_steps_double() =>
        Falls("heun", [5, 10, 20], steps => Variation(Plane, new Sampler.Heun(Unlimited), steps, GivenStart.Grid(100)), 0.08);

    [Theory]
    [InlineData(1, 2)]
    [InlineData(1, 4)]
    [InlineData(1, 5)]
    [InlineData(2, 2)]
    [InlineData(2, 3)]
    [InlineData(2, 4)]
    public void Whatever_the_number_of_parts_their_density_is_approached_as_steps_double(int dimensions, int parts)
    {
        var world = Spread(dimensions, parts);
        var noise = dimensions == 1 ? GivenStart.Quantiles(4000) : GivenStart.Grid(100);
        var sampler = SamplerCatalogue.Find("dpm++2m")!.Sampler;
        Falls($"{parts} parts", [6, 12, 24], steps => Variation(world, sampler, steps, noise), 0.06);
    }

    [Theory]
    [InlineData("dpm++2m", 1)]
    [InlineData("heun", 1)]
    [InlineData("dpm++2m", 2)]
    public void Steered_by_a_classifier_the_density_of_its_label_is_approached_as_steps_double(string name, int dimensions)
    {
        var (world, noise) = (Spread(dimensions, 4), dimensions == 1 ? GivenStart.Quantiles(4000) : GivenStart.Grid(100));
        var sampler = SamplerCatalogue.Find(name)!.Sampler;
        Falls(name, [6, 12, 24], steps =>
        {
            var plan = sampler.Plan(Schedule, new TimestepSpacing.LogSnr(steps)).GuidedBy(new ClassifierGuidance.ScoreShift(1));
            return Histogram.Of(world, Steered(world, 2, noise).Run(plan)).Variation(world.Part(2));
        }, 0.06);
    }

    [Fact]
    public void Steered_in_the_mean_the_density_of_the_label_is_approached_as_steps_grow()
    {
        var sampler = new Sampler.Ancestral(new Variance.Small(), Unlimited);
        Falls("mean shift", [10, 40, 160], steps =>
        {
            var plan = sampler.Plan(Schedule, new TimestepSpacing.LogSnr(steps)).GuidedBy(new ClassifierGuidance.MeanShift(1));
            return Histogram.Of(Line, Steered(Line, 1, new NumberNoise(new Seed(8), 10_000)).Run(plan)).Variation(Line.Part(1));
        }, 0.06);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(-1.0)]
    public void Guided_without_classifier_both_ends_of_the_strength_approach_their_densities(double strength)
    {
        var denoiser = new GuidedWorld(Line, 0, new Guidance.ClassifierFree(strength));
        Falls($"strength {strength}", [8, 16, 32], steps =>
        {
            var plan = SamplerCatalogue.Find("dpm++2m")!.Sampler.Plan(Schedule, new TimestepSpacing.LogSnr(steps));
            var points = new Interpreter<double[]>(Line.Space, denoiser, GivenStart.Quantiles(4000)).Run(plan);
            return Histogram.Of(Line, points).Variation(strength == 0 ? Line.Part(0) : Line);
        }, 0.03);
    }

    [Theory]
    [InlineData("ddpm-small")]
    [InlineData("euler-ancestral")]
    [InlineData("sde-dpm++2m")]
    public void With_noise_the_density_is_approached_as_steps_double(string name)
    {
        var sampler = SamplerCatalogue.Find(name)!.Sampler;
        if (sampler is Sampler.Ancestral ancestral)
            sampler = ancestral with { Clipping = Unlimited };
        Falls(name, [5, 15, 45], steps => Variation(Line, sampler, steps, new NumberNoise(new Seed(5), 10_000)), 0.06);
    }

    // Parts of growing weight, on a line or around a circle.
    private static MixtureWorld Spread(int dimensions, int parts) => new(Sequence.Generate(parts, part =>
    {
        var (turn, place) = (Tau * part / parts, -0.9 + 1.8 * part / (parts - 1));
        Sequence<double> centre = dimensions == 1 ? [place] : [0.8 * Cos(turn), 0.8 * Sin(turn)];
        return new Blob(2.0 * (part + 1) / (parts * (parts + 1)), centre, 0.08 + 0.03 * (part % 3));
    }));

    private static Interpreter<double[]> Steered(MixtureWorld world, int label, INoiseSource<double[]> noise) =>
        new(world.Space, world, noise) { Classifier = new MixtureWorld.Classifier(world, label) };

    private static double Variation(MixtureWorld world, Sampler sampler, int steps, INoiseSource<double[]> noise)
    {
        var points = new Interpreter<double[]>(world.Space, world, noise).Run(sampler.Plan(Schedule, new TimestepSpacing.LogSnr(steps)));
        return Histogram.Of(world, points).Variation(world);
    }

    private static void Falls(string name, int[] counts, Func<int, double> variation, double end)
    {
        double[] found = [.. counts.Select(variation)];
        var message = $"{name}: total variation {string.Join(" ", found.Select(value => $"{value:F4}"))}";
        Assert.True(found.Zip(found.Skip(1)).All(pair => pair.Second < pair.First || pair.Second < end / 2), message);
        Assert.True(found[^1] < end, message);
    }
}
