using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Worlds;

namespace Diffusion.Specs.Sampling;

public sealed class SamplerSpecs
{
    private static readonly NoiseSchedule.Linear Schedule = new();

    [Fact]
    public void Ancestral_sampling_has_the_weights_of_the_paper()
    {
        var plan = new Sampler.Ancestral(new Variance.Large(), new Clipping.None()).Plan(Schedule, new TimestepSpacing.All());
        foreach (var step in plan.Steps)
        {
            var t = (int)step.From.Time;
            var (beta, alphaBar) = (Schedule.Betas[t], Schedule.AlphaBars[t]);
            var terms = step.Instructions.OfType<Instruction.Combine>().Single().Terms.ToDictionary(term => term.Slot, term => term.Weight);
            // x̂_0 = (x − √(1 − ᾱ)·ε)/√ᾱ, so the mean's weight of ε is that of x̂_0 times −√(1 − ᾱ)/√ᾱ. Ho et al. 2020, Eq. 11.
            var ofNoise = -terms[Slot.Denoised] * Sqrt(1 - alphaBar) / Sqrt(alphaBar);
            var ofState = terms.GetValueOrDefault(Slot.State) + terms[Slot.Denoised] / Sqrt(alphaBar);
            Assert.Equal(1 / Sqrt(1 - beta), ofState, 1e-9);
            Assert.Equal(-beta / Sqrt(1 - beta) / Sqrt(1 - alphaBar), ofNoise, 1e-9);
            Assert.Equal(t == 0 ? 0 : Sqrt(beta), terms.GetValueOrDefault(Slot.Noise), 1e-12);
        }
        Assert.Equal(1000, plan.NetworkCalls);
    }

    [Fact]
    public void Deterministic_ddim_reproduces_a_Gaussian_as_steps_grow()
    {
        var world = new GaussianWorld(0.3, 0.5);
        var errors = new[] { 50, 100, 200 }
            .Select(steps =>
                new Sampler.Ddim(0, new Clipping.None(), NoiseDirection.Predicted).Plan(Schedule, new TimestepSpacing.Trailing(steps)))
            .Select(plan => Abs(world.Run(plan).Sigma - 0.5))
            .ToArray();
        Assert.True(errors[0] > errors[1] && errors[1] > errors[2], string.Join(" ", errors));
        Assert.True(errors[2] < 0.01, $"{errors[2]}");
    }

    [Fact]
    public void A_plan_that_reads_an_unwritten_slot_is_refused()
    {
        var step = new SamplerStep(NoiseLevel.Clean, NoiseLevel.Clean, [new Instruction.Clip(Slot.State, Slot.Denoised, 1)]);
        var error = Assert.Throws<ArgumentException>(() => new SamplerPlan("broken", 1, [step]));
        Assert.Contains("denoised", error.Message);
    }
}
