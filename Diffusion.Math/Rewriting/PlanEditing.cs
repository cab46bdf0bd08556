using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;

namespace Diffusion.Math.Rewriting;

/// <summary>Editing of real images, as a rewriting of plans: any sampler, and an original that it sets out from or keeps.</summary>
public static class PlanEditing
{
    /// <summary>The plan that sets out from a noised original, q(x_t | x_0) at the level where its first step begins.</summary>
    /// <remarks>
    /// Meng et al. 2021, "SDEdit: Guided image synthesis and editing with stochastic differential equations", Algorithm 1. What is above
    /// the noise is kept, what is below it is made anew: give it a plan over <see cref="TimestepSpacing.Last"/>.
    /// </remarks>
    public static SamplerPlan FromOriginal(this SamplerPlan plan)
    {
        var (first, start) = (plan.Steps[0], plan.Steps[0].From.Marginal);
        var noised = start.Sigma / plan.InitialScale * (Combination)Slot.State + start.Alpha * (Combination)Slot.Original;
        return plan with
        {
            Name = $"from the original by {plan.Name}",
            Steps =
            [
                first with { Instructions = [new Instruction.Recall(Slot.Original), noised.Into(Slot.State), .. first.Instructions] },
                .. plan.Steps.Skip(1),
            ],
        };
    }

    /// <summary>Whether a step uses more than the state that the one before left, so that stretches cannot be repeated.</summary>
    /// <param name="plan">The plan.</param>
    public static bool Remembers(this SamplerPlan plan) => plan.Survivors().Any(slots => slots.Count > 1);

    /// <summary>The plan after each of whose steps the known part of the state is that of the original, as noisy as the state.</summary>
    /// <remarks>
    /// Lugmayr et al. 2022, Algorithm 1. Where the plan ends with clean data, the known part of the result is the original itself. Noises
    /// of the plan keep their numbers in the first round; every other noise has a number of its own.
    /// </remarks>
    /// <exception cref="ArgumentException">
    /// Stretches are repeated, and the sampler remembers what was before them; or the plan was edited before.
    /// </exception>
    public static SamplerPlan Inpainted(this SamplerPlan plan, RePaintSchedule repetition)
    {
        if (repetition.Rounds > 1 && plan.Remembers())
            throw new ArgumentException(
                $"{plan.Name} remembers earlier steps, and cannot go a stretch of them again; sample in one round.");
        if (plan.Steps.Any(step => step.Instructions.Any(instruction => instruction is Instruction.Recall)))
            throw new ArgumentException($"{plan.Name} uses the original already; a plan that sets out from it is inpainted first.");
        var numbers = new Numbers(plan);
        return plan with
        {
            Name = $"inpainting {(repetition.Rounds > 1 ? $"{repetition.Rounds} x {repetition.Jump} " : "")}by {plan.Name}",
            Steps = Route(plan, repetition).SelectMany(way => Passed(way, plan, numbers)).ToSequence(),
        };
    }

    /// <summary>The steps in the order in which they are gone.</summary>
    private static IEnumerable<Way> Route(SamplerPlan plan, RePaintSchedule repetition)
    {
        for (var step = 0; step < plan.Steps.Count; step++)
        {
            yield return new(step, 0, null);
            if (!repetition.EndsStretch(step, plan.Steps.Count))
                continue;
            var first = step + 1 - repetition.Jump;
            for (var round = 1; round < repetition.Rounds; round++)
                for (var again = first; again <= step; again++)
                    yield return new(again, round, again == first ? step : null);
        }
    }

    private static IEnumerable<SamplerStep> Passed(Way way, SamplerPlan plan, Numbers numbers)
    {
        var step = plan.Steps[way.Step];
        if (way.BackFrom is { } end)
            yield return Noised(plan.Steps[end].To, step.From, numbers.Next());
        yield return step with
        {
            Instructions =
            [
                .. step.Instructions.Select(instruction => instruction is Instruction.Draw draw && way.Round > 0
                    ? draw with { Number = numbers.Next() }
                    : instruction),
                .. Replaced(step.To.Marginal, numbers),
            ],
        };
    }

    // x_t = α_t/α_s·x_s + noise. Lugmayr et al. 2022, Algorithm 1, line 9, over as many steps as there are.
    private static SamplerStep Noised(NoiseLevel from, NoiseLevel to, int number)
    {
        var up = Transition.Of(from.Marginal, to.Marginal);
        return new(from, to,
        [
            new Instruction.Draw(Slot.Noise, number),
            (up.Scale * (Combination)Slot.State + up.Sigma * (Combination)Slot.Noise).Into(Slot.State),
        ]);
    }

    // x_known = α·x_0 + σ·ε, lines 4 and 7; the original itself, to the bit, where the step ends at clean data.
    private static Sequence<Instruction> Replaced(Marginal level, Numbers numbers) => level.Sigma == 0
        ? [new Instruction.Recall(Slot.Known), new Instruction.Restore(Slot.State, Slot.Known, Slot.State)]
        :
        [
            new Instruction.Recall(Slot.Original),
            new Instruction.Draw(Slot.Noise, numbers.Next()),
            (level.Alpha * (Combination)Slot.Original + level.Sigma * (Combination)Slot.Noise).Into(Slot.Known),
            new Instruction.Restore(Slot.State, Slot.Known, Slot.State),
        ];

    /// <summary>A step on the route.</summary>
    /// <param name="Step">Its index in the plan.</param>
    /// <param name="Round">How often it was gone before.</param>
    /// <param name="BackFrom">The step at whose end noise is added to come to this one again; null where none is.</param>
    private readonly record struct Way(int Step, int Round, int? BackFrom);

    /// <summary>Numbers of noises that the plan does not use.</summary>
    private sealed class Numbers(SamplerPlan plan)
    {
        private int _last = plan.Steps.SelectMany(step => step.Instructions).OfType<Instruction.Draw>().Select(draw => draw.Number)
            .Append(0).Max();

        public int Next() => ++_last;
    }
}
