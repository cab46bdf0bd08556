using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Sampling;

/// <summary>A way from noise to data. A closed union; a sampler is settings, and what it does is the data of its plan.</summary>
public abstract partial record Sampler
{
    private Sampler()
    {
    }

    /// <summary>Every step this sampler takes over the levels that the grid visits.</summary>
    /// <exception cref="ArgumentException">The grid does not fit the schedule.</exception>
    public abstract SamplerPlan Plan(NoiseSchedule.Discrete schedule, TimeGrid grid);

    // Steps of the form [denoise, limit, draw if random, combine], which is every single-evaluation sampler.
    private static Sequence<SamplerStep> SingleEvaluation(
        NoiseSchedule.Discrete schedule, TimeGrid grid, Limit limit, Func<Marginal, Marginal, StepWeights> weights) =>
        grid.Over(schedule).Index().Select(entry =>
        {
            var (from, to) = entry.Item;
            var (ofState, ofDenoised, ofLimited, ofNoise) = weights(to.Marginal, from.Marginal);
            Term[] terms = [new(ofState, Slot.State), new(ofDenoised, Slot.Denoised), new(ofLimited, limit.Result), new(ofNoise, Slot.Noise)];
            Sequence<Instruction> noise = ofNoise == 0 ? [] : [new Instruction.Draw(Slot.Noise, entry.Index + 1)];
            return new SamplerStep(from, to,
            [
                new Instruction.Denoise(Slot.Denoised, Slot.State, from),
                .. limit.Instructions,
                .. noise,
                new Instruction.Combine(Slot.State, terms.Where(term => term.Weight != 0).ToSequence()),
            ]);
        }).ToSequence();

    private readonly record struct StepWeights(double OfState, double OfDenoised, double OfLimited, double OfNoise);
}
