using System.Collections.Immutable;
using System.Diagnostics;
using Diffusion.Math.Values;

namespace Diffusion.Math.Plans;

/// <summary>Runs any plan over any vector space. This is all the sampling code there is.</summary>
/// <param name="Space">Linear combinations.</param>
/// <param name="Denoiser">The model.</param>
/// <param name="Noise">The run's randomness.</param>
/// <typeparam name="T">The vectors.</typeparam>
public sealed record Interpreter<T>(IVectorSpace<T> Space, IDenoiser<T> Denoiser, INoiseSource<T> Noise)
{
    /// <summary>The classifier of plans with classifier guidance; null where a plan has none.</summary>
    public IClassifier<T>? Classifier { get; init; }

    /// <summary>The original of plans that edit one; null where a plan makes images from nothing.</summary>
    public IOriginal<T>? Original { get; init; }

    /// <summary>The whole plan, from noise to a sample.</summary>
    /// <exception cref="InvalidOperationException">
    /// The plan needs a learned variance, a classifier or an original, and there is none.
    /// </exception>
    public T Run(SamplerPlan plan) => plan.Steps.Zip(plan.Survivors()).Aggregate(Begin(plan), Forgetful)[Slot.State];

    /// <summary>The state before the first step: the plan's initial scale times noise number 0.</summary>
    public ImmutableDictionary<Slot, T> Begin(SamplerPlan plan) =>
        ImmutableDictionary<Slot, T>.Empty.Add(Slot.State, Space.Combine([new(plan.InitialScale, Noise.Draw(0))]));

    /// <summary>The slots after one step, given those before it.</summary>
    public ImmutableDictionary<Slot, T> Step(ImmutableDictionary<Slot, T> slots, SamplerStep step) =>
        step.Instructions.Aggregate(slots, Execute);

    /// <summary>
    /// The same, with the step's first estimate of the clean data, which later instructions may overwrite; default where the network is not
    /// asked.
    /// </summary>
    public (ImmutableDictionary<Slot, T> After, T? Estimate) Through(ImmutableDictionary<Slot, T> before, SamplerStep step)
    {
        if (step.FirstEstimate is not var (length, slot))
            return (Step(before, step), default);
        var asked = Step(before, step with { Instructions = step.Instructions.Take(length).ToSequence() });
        return (Step(asked, step with { Instructions = step.Instructions.Skip(length).ToSequence() }), asked[slot]);
    }

    private ImmutableDictionary<Slot, T> Forgetful(ImmutableDictionary<Slot, T> slots, (SamplerStep Step, Sequence<Slot> Survivors) entry)
    {
        var after = Step(slots, entry.Step);
        return entry.Survivors.ToImmutableDictionary(slot => slot, slot => after[slot]);
    }

    private ImmutableDictionary<Slot, T> Execute(ImmutableDictionary<Slot, T> slots, Instruction instruction)
    {
        switch (instruction)
        {
            case Instruction.Draw draw:
                return slots.SetItem(draw.Into, Noise.Draw(draw.Number));
            case Instruction.Denoise denoise:
                return slots.SetItem(denoise.Into, Denoiser.Denoise(slots[denoise.From], denoise.Level));
            case Instruction.DenoiseWithVariance denoise:
                var denoised = LearnedVariance.DenoiseWithVariance(slots[denoise.From], denoise.Level);
                return slots.SetItem(denoise.Into, denoised.Clean).SetItem(denoise.Fraction, denoised.Fraction);
            case Instruction.Gradient gradient:
                return slots.SetItem(gradient.Into, GivenClassifier.Gradient(slots[gradient.From], gradient.Level));
            case Instruction.Combine combine:
                Weighted<T>[] terms = [.. combine.Terms.Select(term => new Weighted<T>(term.Weight, slots[term.Slot]))];
                return slots.SetItem(combine.Into, Space.Combine(terms));
            case Instruction.Modulate modulate:
                return slots.SetItem(modulate.Into, Space.Modulate(slots[modulate.From], slots[modulate.Fraction], modulate.Range));
            case Instruction.Clip clip:
                return slots.SetItem(clip.Into, Space.Clip(slots[clip.From], clip.Bound));
            case Instruction.Threshold threshold:
                return slots.SetItem(threshold.Into, Space.Threshold(slots[threshold.From], threshold.Quantile));
            case Instruction.Recall recall:
                return slots.SetItem(recall.Into, GivenOriginal.Image);
            case Instruction.Restore restore:
                return slots.SetItem(restore.Into, GivenOriginal.Restore(slots[restore.Known], slots[restore.Made]));
            default:
                throw new UnreachableException();
        }
    }

    private ILearnedVariance<T> LearnedVariance => Denoiser as ILearnedVariance<T>
        ?? throw new InvalidOperationException($"The plan takes its variance from the network, and {Denoiser} has none to give.");

    private IClassifier<T> GivenClassifier => Classifier
        ?? throw new InvalidOperationException("The plan is guided by a classifier, and none was given.");

    private IOriginal<T> GivenOriginal => Original
        ?? throw new InvalidOperationException("The plan edits an original, and none was given.");
}
