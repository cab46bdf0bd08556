using Diffusion.Host.Samplers;
using Diffusion.Host.Studio.Web;
using Diffusion.Math.Plans;
using Diffusion.Model.Sampling;
using TorchSharp;

namespace Diffusion.Host.Studio.Pages;

/// <summary>Samples as they form, for a page that shows them.</summary>
internal static class SampleStream
{
    private const int MostFrames = 120;

    /// <summary>Draws samples and tells an event <c>step</c> for each moment that is shown.</summary>
    /// <param name="sampler">What draws them.</param>
    /// <param name="count">How many.</param>
    /// <param name="events">Receives the events.</param>
    /// <returns>float32 [count, C, H, W] in [−1, 1] on the CPU.</returns>
    public static torch.Tensor Draw(ModelSampler sampler, int count, EventStream events)
    {
        var plan = sampler.Run.Plan;
        var shown = ShownSteps.Of(plan, MostFrames);
        return sampler.Draw(count, new() { Stopping = events.Gone, Step = moment => Tell(events, plan, shown, moment) });
    }

    private static void Tell(EventStream events, SamplerPlan plan, ShownSteps shown, SampledStep moment)
    {
        var (step, scale) = (plan.Steps[moment.Index], plan.Steps[moment.Index].From.Marginal.Scale);
        if (shown.PlaceOf(moment.Index) is not null)
            events.Tell("step", new Moment(moment.Index, moment.First, ShownSteps.TimeText(step.From))
            {
                State = Frames.Of(moment.State, scale),
                Estimate = moment.Estimate is { } estimate ? Frames.Of(estimate, 1) : null,
            });
        if (moment.Index == plan.Steps.Count - 1)
            events.Tell("step", new Moment(moment.Index + 1, moment.First, ShownSteps.TimeText(step.To))
            {
                State = Frames.Of(moment.Next, step.To.Marginal.Scale),
            });
    }

    /// <summary>Samples before a step: the state, and the estimate of the clean images that the step makes of it.</summary>
    private sealed record Moment(int Index, long First, string Time)
    {
        /// <summary>x_t.</summary>
        public required Frame State { get; init; }

        /// <summary>x̂_0; null where the network was not asked, and at the end.</summary>
        public Frame? Estimate { get; init; }
    }
}
