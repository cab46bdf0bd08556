using Diffusion.Math.Plans;
using Diffusion.Math.Values;

namespace Diffusion.Math.Search;

/// <summary>Chooses the weights of a plan's steps anew, so that each step leads along the trajectories of a better plan.</summary>
/// <remarks>
/// A step that asks the network once is linear in its weights, and the best ones are a least-squares problem: the combination that writes
/// the state, and the one that corrects where the step begins, are replaced by the best ones of the slots that they read and of all
/// estimates that are still held. States and estimates are the better plan's own at the levels that are visited, so that no step is fitted
/// to what another one missed, and no network is asked. In the spirit of Zheng et al. 2023, "DPM-Solver-v3", who also take a solver's
/// coefficients from the model's own outputs.
/// </remarks>
/// <param name="Space">The vectors' space.</param>
/// <param name="States">Where the better plan has been at each level, and last its sample; on the scale of the plan.</param>
/// <param name="Estimates">Its estimates of clean data at each level but the last.</param>
/// <typeparam name="T">The vectors.</typeparam>
public sealed record WeightFit<T>(IInnerProducts<T> Space, Sequence<T> States, Sequence<T> Estimates)
{
    /// <summary>The plan with fitted weights.</summary>
    /// <param name="plan">A plan with a step between each two levels, which asks the network once.</param>
    public SamplerPlan Of(SamplerPlan plan)
    {
        var (slots, estimates, steps) = (new Dictionary<Slot, T>(), new HashSet<Slot>(), new List<SamplerStep>());
        foreach (var (index, step) in plan.Steps.Index())
        {
            slots[Slot.State] = States[index];
            var instructions = new List<Instruction>();
            foreach (var instruction in step.Instructions)
            {
                var next = instruction;
                switch (instruction)
                {
                    case Instruction.Combine { Into: var into } sum when into == Slot.State:
                        next = Fitted(sum, slots, estimates, States[index + 1]);
                        break;
                    case Instruction.Combine { Into: var into } sum when into == Slot.Start:
                        next = index > 0 ? Fitted(sum, slots, estimates, States[index]) : sum;
                        slots[Slot.Start] = States[index];
                        break;
                    case Instruction.Combine sum:
                        slots[sum.Into] = Space.Combine([.. sum.Terms.Select(term => new Weighted<T>(term.Weight, slots[term.Slot]))]);
                        break;
                    default:
                        // Estimates are limited by the better plan already.
                        foreach (var slot in instruction.Writes)
                            slots[slot] = Estimates[index];
                        estimates.UnionWith(instruction.Writes);
                        break;
                }
                instructions.Add(next);
            }
            steps.Add(step with { Instructions = instructions.ToSequence() });
        }
        return plan with { Steps = steps.ToSequence() };
    }

    private Instruction.Combine Fitted(
        Instruction.Combine sum, Dictionary<Slot, T> slots, HashSet<Slot> estimates, T target)
    {
        var basis = sum.Reads.Concat(estimates.OrderBy(slot => slot.Name, StringComparer.Ordinal)).Distinct().ToSequence();
        var usual = basis.Select(slot => sum.Terms.Where(term => term.Slot == slot).Sum(term => term.Weight)).ToSequence();
        var weights = LeastSquares.Weights(Space, basis.Select(slot => slots[slot]).ToSequence(), usual, target);
        return sum with { Terms = basis.Zip(weights, (slot, weight) => new Term(weight, slot)).ToSequence() };
    }
}
