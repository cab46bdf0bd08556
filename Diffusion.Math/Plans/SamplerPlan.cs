using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Plans;

/// <summary>A sampler applied to a schedule and a grid: a program of a few kinds of instructions over named slots.</summary>
/// <remarks>
/// The state begins as InitialScale times noise number 0. A plan holds numbers only; it can be printed, compared, hashed, counted, and run
/// by one interpreter over anything that has linear combinations.
/// </remarks>
/// <param name="Name">The sampler, as a person would ask for it.</param>
/// <param name="InitialScale">Standard deviation of the state that sampling starts from; above 0.</param>
/// <param name="Steps">At least one step, from the noisiest on.</param>
public sealed record SamplerPlan(string Name, double InitialScale, Sequence<SamplerStep> Steps)
{
    /// <summary>Standard deviation of the state that sampling starts from; above 0.</summary>
    public double InitialScale { get; init => field = Require.Positive(value, nameof(InitialScale)); } = Require.Positive(InitialScale);

    /// <summary>At least one step, from the noisiest on, in which no slot is read before it is written.</summary>
    public Sequence<SamplerStep> Steps { get; init => field = Validated(value); } = Validated(Steps);

    /// <summary>How often the network is asked for one batch of samples (NFE), before guidance.</summary>
    public int NetworkCalls => Steps.Sum(step => step.NetworkCalls);

    /// <summary>How often a classifier's gradient is asked for.</summary>
    public int ClassifierCalls => Steps.Sum(step => step.Instructions.Sum(instruction => instruction.ClassifierCalls));

    /// <summary>The slots that hold something a later step reads, after each step; the state is always among them.</summary>
    public Sequence<Sequence<Slot>> Survivors()
    {
        var survivors = new Sequence<Slot>[Steps.Count];
        HashSet<Slot> needed = [Slot.State];
        for (var index = Steps.Count - 1; index >= 0; index--)
        {
            survivors[index] = needed.OrderBy(slot => slot.Name, StringComparer.Ordinal).ToSequence();
            foreach (var instruction in Steps[index].Instructions.Reverse())
            {
                needed.ExceptWith(instruction.Writes);
                needed.UnionWith(instruction.Reads);
            }
        }
        return survivors.ToSequence();
    }

    private static Sequence<SamplerStep> Validated(Sequence<SamplerStep> steps)
    {
        HashSet<Slot> written = [Slot.State];
        foreach (var (number, step) in Require.NonEmpty(steps).Index())
        {
            foreach (var instruction in step.Instructions)
            {
                foreach (var slot in instruction.Reads)
                {
                    if (!written.Contains(slot))
                        throw new ArgumentException($"Step {number + 1} reads the slot '{slot}' before it is written.", nameof(steps));
                }
                foreach (var slot in instruction.Writes)
                    written.Add(slot);
            }
        }
        return steps;
    }
}

/// <summary>One step of a plan: from one noise level to a lower one; to a higher one where a stretch is gone again.</summary>
/// <param name="From">The level of the state before the step.</param>
/// <param name="To">The level of the state after it.</param>
/// <param name="Instructions">What is done, in order.</param>
public sealed record SamplerStep(NoiseLevel From, NoiseLevel To, Sequence<Instruction> Instructions)
{
    /// <summary>How often the network is asked.</summary>
    public int NetworkCalls => Instructions.Sum(instruction => instruction.NetworkCalls);

    /// <summary>
    /// Where the step's first estimate of the clean data is whole, guided by a classifier and limited where it is: the number of
    /// instructions up to there, and the slot that holds it then. Null where the network is not asked.
    /// </summary>
    public (int Length, Slot Slot)? FirstEstimate
    {
        get
        {
            (int Length, Slot Slot)? found = null;
            foreach (var (index, instruction) in Instructions.Index())
            {
                Slot? slot = (found?.Slot, instruction) switch
                {
                    (null, Instruction.Denoise ask) => ask.Into,
                    (null, Instruction.DenoiseWithVariance ask) => ask.Into,
                    (null, _) => null,
                    ({ } estimate, Instruction.Gradient) => estimate,
                    ({ } estimate, Instruction.Combine guide)
                        when guide.Into == estimate && guide.Reads.Contains(Slot.Gradient) => estimate,
                    ({ } estimate, Instruction.Clip clip) when clip.From == estimate => clip.Into,
                    ({ } estimate, Instruction.Threshold threshold) when threshold.From == estimate => threshold.Into,
                    _ => null,
                };
                if (slot is { } holding)
                    found = (index + 1, holding);
                else if (found is not null)
                    break;
            }
            return found;
        }
    }
}
