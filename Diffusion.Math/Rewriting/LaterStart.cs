using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Values;

namespace Diffusion.Math.Rewriting;

/// <summary>Plans that set out from the middle, as editing does: what their steps remember of earlier ones is not there then.</summary>
public static class LaterStart
{
    private static readonly Slot FirstOrder = new("first_order");

    /// <summary>The plan from one of its steps on. A step that needs what was not remembered is of the first order, as DDIM's is.</summary>
    /// <remarks>
    /// As multistep methods begin: x_t = (σ_t/σ_s)·x_s + (α_t − α_s·σ_t/σ_s)·x̂_0, Song et al. 2020, "Denoising diffusion
    /// implicit models", Eq. 12 with σ = 0. A correction of the state that a step sets out from is left out there.
    /// </remarks>
    /// <param name="plan">The plan.</param>
    /// <param name="first">The step, from 0; below the number of steps.</param>
    /// <exception cref="ArgumentException">A step does something else with what is missing.</exception>
    public static SamplerPlan StartingAt(this SamplerPlan plan, int first)
    {
        Require.Within(first, 0, plan.Steps.Count - 1);
        if (first == 0)
            return plan;
        HashSet<Slot> known = [Slot.State];
        var steps = new List<SamplerStep>();
        foreach (var step in plan.Steps.Skip(first))
        {
            steps.Add(Needs(step, known) ? Begun(step, known) : step);
            known.UnionWith(steps[^1].Instructions.SelectMany(instruction => instruction.Writes));
        }
        return plan with { Name = FormattableString.Invariant($"{plan.Name} from step {first + 1}"), Steps = steps.ToSequence() };
    }

    /// <summary>How many of the steps from one on are changed, since what they need was not remembered.</summary>
    /// <inheritdoc cref="StartingAt"/>
    public static int StepsWithoutMemory(this SamplerPlan plan, int first) =>
        plan.StartingAt(first).Steps.Zip(plan.Steps.Skip(first)).Count(pair => pair.First != pair.Second);

    private static bool Needs(SamplerStep step, HashSet<Slot> known)
    {
        var written = new HashSet<Slot>(known);
        foreach (var instruction in step.Instructions)
        {
            if (!instruction.Reads.All(written.Contains))
                return true;
            written.UnionWith(instruction.Writes);
        }
        return false;
    }

    private static SamplerStep Begun(SamplerStep step, HashSet<Slot> known)
    {
        var estimate = step.FirstEstimate ?? throw new ArgumentException("A step without a network call needs what earlier ones left.");
        var (instructions, written) = (new List<Instruction>(), new HashSet<Slot>(known));
        foreach (var (index, instruction) in step.Instructions.Index())
        {
            var next = instruction.Reads.All(written.Contains) ? instruction : instruction switch
            {
                Instruction.Combine { Into: var into } when into == Slot.State && written.Contains(FirstOrder) =>
                    ((Combination)FirstOrder).Into(Slot.State),
                Instruction.Combine { Into: var into } when into == Slot.Start => ((Combination)Slot.State).Into(Slot.Start),
                _ => throw new ArgumentException(
                    $"A step needs '{instruction.Reads.First(slot => !written.Contains(slot))}' of earlier ones."),
            };
            instructions.Add(next);
            written.UnionWith(next.Writes);
            // While estimate and state are still what they are here.
            if (index + 1 == estimate.Length)
            {
                instructions.Add(Onward(step.From.Marginal, step.To.Marginal, estimate.Slot).Into(FirstOrder));
                written.Add(FirstOrder);
            }
        }
        return step with { Instructions = instructions.ToSequence() };
    }

    private static Combination Onward(Marginal from, Marginal to, Slot estimate)
    {
        var kept = to.Sigma / from.Sigma;
        return kept * (Combination)Slot.State + (to.Alpha - from.Alpha * kept) * (Combination)estimate;
    }
}
