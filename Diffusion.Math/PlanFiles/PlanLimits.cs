using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Values;

namespace Diffusion.Math.PlanFiles;

/// <summary>What a plan that someone else wrote must keep to, beside what every plan keeps to.</summary>
/// <remarks>
/// A plan of this program is far within these bounds. They keep a file from asking for unbounded memory or time, and from putting into a
/// report, an image or a script what is no name.
/// </remarks>
public static class PlanLimits
{
    /// <summary>The most steps.</summary>
    public const int MostSteps = 10_000;

    /// <summary>The most instructions of a step, and the most summands of one combination.</summary>
    public const int MostInAStep = 100;

    /// <summary>The most slots.</summary>
    public const int MostSlots = 100;

    private const int LongestName = 60;

    /// <summary>The plan, if it keeps to them.</summary>
    /// <exception cref="ArgumentException">It does not; the message says where.</exception>
    public static SamplerPlan Require(SamplerPlan plan)
    {
        if (!IsPlanName(plan.Name))
            throw new ArgumentException($"A plan's name is 1 to {LongestName} letters, digits, spaces and signs such as + and -.");
        if (plan.Steps.Count > MostSteps)
            throw new ArgumentException($"The plan has {plan.Steps.Count} steps; at most {MostSteps} are possible.");
        if (plan.NetworkCalls == 0)
            throw new ArgumentException("The plan never asks the network.");
        HashSet<Slot> slots = [];
        foreach (var (number, step) in plan.Steps.Index())
        {
            if (step.Instructions.Count > MostInAStep)
                throw new ArgumentException(
                    $"Step {number} has {step.Instructions.Count} instructions; at most {MostInAStep} are possible.");
            foreach (var instruction in step.Instructions)
            {
                if (FaultOf(instruction) is { } fault)
                    throw new ArgumentException($"Step {number} {fault}.");
                slots.UnionWith(instruction.Writes);
            }
        }
        if (slots.FirstOrDefault(slot => !IsSlotName(slot.Name ?? "")) is { Name: not null } odd)
            throw new ArgumentException(
                $"A slot is called '{PlainText.Elided(PlainText.Name(odd.Name), LongestName)}'; "
                + "slots are letters, digits and underscores.");
        return slots.Count <= MostSlots
            ? plan
            : throw new ArgumentException($"The plan has {slots.Count} slots; at most {MostSlots} are possible.");
    }

    private static string? FaultOf(Instruction instruction) => instruction switch
    {
        Instruction.Denoise { Level: var level } when IsClean(level) => "asks the network about a state without noise",
        Instruction.DenoiseWithVariance { Level: var level } when IsClean(level) => "asks the network about a state without noise",
        Instruction.Combine { Terms.Count: > MostInAStep } sum => $"combines {sum.Terms.Count} slots; at most {MostInAStep} are possible",
        Instruction.Gradient => "asks a classifier; a plan is written without one, and --classifier adds it",
        Instruction.Recall or Instruction.Restore => "edits an image; a plan is written without that, and the command edit adds it",
        _ => null,
    };

    private static bool IsClean(NoiseLevel level) => level.Marginal.Sigma == 0;

    // Nothing that ends a text of a script.
    private static bool IsPlanName(string name) => name.Length is > 0 and <= LongestName
        && name.All(character => char.IsLetterOrDigit(character) || " .,:;()+*/=_^-".Contains(character));

    private static bool IsSlotName(string name) => name.Length is > 0 and <= LongestName && char.IsAsciiLetter(name[0])
        && name.All(character => char.IsAsciiLetterOrDigit(character) || character == '_');
}
