using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Worlds;

namespace Diffusion.Specs.Sampling;

/// <summary>Gaussian data: what a sampler ends at is known exactly, noise and all.</summary>
public sealed class GaussianSpecs
{
    private static readonly Clipping Unlimited = new Clipping.None();
    private static readonly NoiseSchedule.Linear Schedule = new();
    private static readonly GaussianWorld World = new(0.3, 0.5);

    /// <summary>
    /// With r = alpha_t·s²/(alpha_t²·s² + sigma_t²) the posterior step is x_s = (a + b·r)·x_t + b·(1 − r·alpha_t)·m + n·z: mean and
    /// variance by recursion, against the plan run on random numbers.
    /// </summary>
    [Fact]
    public void Ancestral_sampling_has_the_mean_and_the_variance_of_its_recursion()
    {
        var plan = new Sampler.Ancestral(new Variance.Large(), Unlimited).Plan(Schedule, new TimestepSpacing.Leading(50));
        var (mean, variance) = (0.0, 1.0);
        for (var t = 980; t >= 0; t -= 20)
        {
            var (now, next) = (Schedule.AlphaBars[t], t == 0 ? 1 : Schedule.AlphaBars[t - 20]);
            var beta = 1 - now / next;
            var a = Sqrt(now / next) * (1 - next) / (1 - now);
            var b = Sqrt(next) * beta / (1 - now);
            var r = Sqrt(now) * 0.25 / (now * 0.25 + 1 - now);
            mean = (a + b * r) * mean + b * (1 - r * Sqrt(now)) * 0.3;
            variance = (a + b * r) * (a + b * r) * variance + (t == 0 ? 0 : beta);
        }
        var result = World.Run(plan);
        Assert.Equal(mean, result.Mean, 1e-12);
        Assert.Equal(variance, result.Variance, 1e-12);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Ancestral_sampling_reproduces_mean_and_variance_as_steps_grow(int variance)
    {
        Variance chosen = variance == 0 ? new Variance.Small() : new Variance.Large();
        double Error(int levels)
        {
            var result = World.Run(
                new Sampler.Ancestral(chosen, Unlimited).Plan(new NoiseSchedule.Cosine(levels), new TimestepSpacing.All()));
            return Abs(result.Mean - 0.3) + Abs(result.Sigma - 0.5);
        }
        var (coarse, middle, fine) = (Error(50), Error(100), Error(200));
        Assert.True(fine < 0.6 * middle && middle < 0.6 * coarse, $"{coarse:E2} {middle:E2} {fine:E2}");
    }

    [Property]
    public Property A_deterministic_sampler_has_no_more_noise_than_its_start() => Prop.ForAll(
        Arb.From(SamplerArbitraries.Settings(SamplerArbitraries.Faithful)),
        setting =>
        {
            var plan = setting.Plan();
            var draws = plan.Steps.SelectMany(step => step.Instructions).OfType<Instruction.Draw>().Select(draw => draw.Number).ToHashSet();
            Assert.Subset(draws, World.Run(plan).Coefficients.Keys.Where(number => number != 0).ToHashSet());
        });
}
