using System.Collections.Immutable;
using System.Diagnostics;

namespace Diffusion.Math.Sampling;

/// <summary>Runs any plan over any vector space. This is all the sampling code there is.</summary>
/// <param name="Space">Linear combinations.</param>
/// <param name="Denoiser">The model.</param>
/// <param name="Noise">The run's randomness.</param>
/// <typeparam name="T">The vectors.</typeparam>
public sealed record Interpreter<T>(IVectorSpace<T> Space, IDenoiser<T> Denoiser, INoiseSource<T> Noise)
{
    /// <summary>The whole plan, from noise to a sample.</summary>
    public T Run(SamplerPlan plan) => plan.Steps.Aggregate(Begin(plan), Step)[Slot.State];

    /// <summary>The state before the first step: the plan's initial scale times noise number 0.</summary>
    public ImmutableDictionary<Slot, T> Begin(SamplerPlan plan) =>
        ImmutableDictionary<Slot, T>.Empty.Add(Slot.State, Space.Combine([new(plan.InitialScale, Noise.Draw(0))]));

    /// <summary>The slots after one step, given those before it.</summary>
    public ImmutableDictionary<Slot, T> Step(ImmutableDictionary<Slot, T> slots, SamplerStep step) =>
        step.Instructions.Aggregate(slots, (current, instruction) => current.SetItem(instruction.Into, Execute(instruction, current)));

    private T Execute(Instruction instruction, ImmutableDictionary<Slot, T> slots) => instruction switch
    {
        Instruction.Draw draw => Noise.Draw(draw.Number),
        Instruction.Denoise denoise => Denoiser.Denoise(slots[denoise.From], denoise.Level),
        Instruction.Combine combine => Space.Combine([.. combine.Terms.Select(term => new Weighted<T>(term.Weight, slots[term.Slot]))]),
        Instruction.Clip clip => Space.Clip(slots[clip.From], clip.Bound),
        _ => throw new UnreachableException(),
    };
}
