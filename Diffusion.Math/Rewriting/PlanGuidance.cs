using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Values;

namespace Diffusion.Math.Rewriting;

/// <summary>Steering by a classifier, as a rewriting of plans: any sampler, whatever it is, and then the classifier.</summary>
/// <remarks>Dhariwal and Nichol 2021, "Diffusion models beat GANs on image synthesis", Algorithms 1 and 2.</remarks>
public static class PlanGuidance
{
    /// <summary>The plan that does the same, and follows the classifier.</summary>
    /// <remarks>
    /// The score form moves every estimate, before any limit. The mean shift moves the end of every step that adds noise, by the gradient
    /// at the state it started from, as the authors' code does; a step without noise stays as it is.
    /// </remarks>
    /// <exception cref="ArgumentException">A level has no signal for a score, or noise does not end its step for a mean shift.</exception>
    public static SamplerPlan GuidedBy(this SamplerPlan plan, ClassifierGuidance guidance) => guidance switch
    {
        ClassifierGuidance.None => plan,
        ClassifierGuidance.ScoreShift => Guided(plan, "classifier score", step => Scored(step, guidance)),
        _ => Guided(plan, "classifier mean shift", step => Shifted(step, guidance)),
    };

    /// <summary>Whether noise ends every step but the last: whether there is always a mean that a classifier can shift.</summary>
    public static bool EndsInNoise(this SamplerPlan plan) => plan.Steps.Count > 1 && plan.Steps.SkipLast(1).All(EndsInNoise);

    private static SamplerPlan Guided(SamplerPlan plan, string how, Func<SamplerStep, SamplerStep> rewrite) =>
        plan with { Name = $"{plan.Name}, {how}", Steps = plan.Steps.Select(rewrite).ToSequence() };

    private static SamplerStep Scored(SamplerStep step, ClassifierGuidance guidance) =>
        step with { Instructions = step.Instructions.SelectMany(instruction => Scored(instruction, guidance)).ToSequence() };

    private static Sequence<Instruction> Scored(Instruction instruction, ClassifierGuidance guidance) => instruction switch
    {
        Instruction.Denoise ask => [ask, .. Moved(ask.Into, new(Slot.Gradient, ask.From, ask.Level), guidance)],
        Instruction.DenoiseWithVariance ask => [ask, .. Moved(ask.Into, new(Slot.Gradient, ask.From, ask.Level), guidance)],
        _ => [instruction],
    };

    private static Sequence<Instruction> Moved(Slot estimate, Instruction.Gradient gradient, ClassifierGuidance guidance) =>
        gradient.Level.Marginal.Alpha > 0
            ? [gradient, (estimate + guidance.InDenoised(gradient.Level.Marginal) * (Combination)Slot.Gradient).Into(estimate)]
            : throw new ArgumentException($"A classifier would move the estimate infinitely far at {gradient.Level}, which has no signal.");

    private static SamplerStep Shifted(SamplerStep step, ClassifierGuidance guidance)
    {
        var order = step.Instructions.ToList();
        var drawn = order.FindIndex(instruction => instruction is Instruction.Draw);
        if (drawn < 0)
            return step;
        if (order[^1] is not Instruction.Combine last || !EndsInNoise(step))
            throw new ArgumentException($"The mean can only be moved where noise ends a step; the step from {step.From} goes on after it.");
        var chosen = order.OfType<Instruction.Modulate>().FirstOrDefault()?.Range;
        var deviation = last.Terms.Single(term => term.Slot == Slot.Noise).Weight;
        var moved = Combination.Of(last.Terms) + guidance.InMean(deviation * deviation) * (Combination)Slot.Gradient;
        return step with
        {
            Instructions =
            [
                .. order[..^1],
                new Instruction.Gradient(Slot.Gradient, Slot.State, step.From),
                .. chosen is { } range ? Varied(range) : [],
                moved.Into(Slot.State),
            ],
        };
    }

    private static bool EndsInNoise(SamplerStep step)
    {
        var order = step.Instructions.ToList();
        var drawn = order.FindIndex(instruction => instruction is Instruction.Draw);
        return drawn >= 0 && order[^1] is Instruction.Combine && order.FindLastIndex(instruction => instruction.NetworkCalls > 0) <= drawn;
    }

    // Where the network chose the deviation, the variance is its square.
    private static Sequence<Instruction> Varied(LogRange deviation) =>
        [new Instruction.Modulate(Slot.Gradient, Slot.Gradient, Slot.Fraction, new(2 * deviation.AtZero, 2 * deviation.AtOne))];
}
