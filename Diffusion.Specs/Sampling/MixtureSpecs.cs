using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;
using Diffusion.Math.Sampling;
using Diffusion.Math.Values;

namespace Diffusion.Specs.Sampling;

public sealed class MixtureSpecs
{
    private static readonly Limit Unlimited = new Limit.None();
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
    [InlineData("ddpm-small")]
    [InlineData("euler-ancestral")]
    [InlineData("sde-dpm++2m")]
    public void With_noise_the_density_is_approached_as_steps_double(string name)
    {
        var sampler = SamplerCatalogue.Find(name)!.Sampler;
        if (sampler is Sampler.Ancestral ancestral)
            sampler = ancestral with { Limit = Unlimited };
        Falls(name, [5, 15, 45], steps => Variation(Line, sampler, steps, new SeededNoise(new Seed(5), 10_000)), 0.06);
    }

    private static double Variation(MixtureWorld world, Sampler sampler, int steps, INoiseSource<double[]> noise)
    {
        var points = new Interpreter<double[]>(world.Space, world, noise).Run(sampler.Plan(Schedule, new TimeGrid.LogSnr(steps)));
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
