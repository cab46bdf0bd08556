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

    // A schedule has at most a million timesteps, and no published one has more noise than this.
    private const double LastTime = 1e6;
    private const double LargestWeight = 1e6;

    /// <summary>The plan, if it keeps to them.</summary>
    /// <exception cref="ArgumentException">It does not; the message says where.</exception>
    public static SamplerPlan Require(SamplerPlan plan)
    {
        if (!IsPlanName(plan.Name))
            throw new ArgumentException(
                $"Its name is '{PlainText.Elided(PlainText.Name(plan.Name), LongestName)}'; a name is "
                + $"1 to {LongestName} letters, digits, spaces and signs such as + and -.");
        if (plan.Steps.Count > MostSteps)
            throw new ArgumentException($"It has {plan.Steps.Count} steps; at most {MostSteps} are possible.");
        if (plan.NetworkCalls == 0)
            throw new ArgumentException("It never asks the network.");
        HashSet<Slot> slots = [];
        foreach (var (number, step) in plan.Steps.Index())
        {
            if (step.Instructions.Count > MostInAStep)
                throw new ArgumentException(
                    $"Step {number + 1} has {step.Instructions.Count} instructions; at most {MostInAStep} are possible.");
            if ((FaultOf(step.From) ?? FaultOf(step.To)) is { } unreal)
                throw new ArgumentException($"Step {number + 1} begins or ends {unreal}.");
            foreach (var instruction in step.Instructions)
            {
                if (FaultOf(instruction) is { } fault)
                    throw new ArgumentException($"Step {number + 1} {fault}.");
                slots.UnionWith(instruction.Writes);
            }
        }
        if (slots.FirstOrDefault(slot => !IsSlotName(slot.Name ?? "")) is { Name: not null } odd)
            throw new ArgumentException(
                $"A slot is called '{PlainText.Elided(PlainText.Name(odd.Name), LongestName)}'; "
                + "slots are letters, digits and underscores.");
        return slots.Count <= MostSlots
            ? plan
            : throw new ArgumentException($"It has {slots.Count} slots; at most {MostSlots} are possible.");
    }

    private static string? FaultOf(Instruction instruction) => instruction switch
    {
        Instruction.Denoise { Level: var level } => FaultOfAsking(level),
        Instruction.DenoiseWithVariance { Level: var level } => FaultOfAsking(level),
        Instruction.Combine { Terms.Count: > MostInAStep } sum => $"combines {sum.Terms.Count} slots; at most {MostInAStep} are possible",
        Instruction.Gradient => "asks a classifier; a plan is written without one, and --classifier adds it",
        Instruction.Recall or Instruction.Restore => "edits an image; a plan is written without that, and the command edit adds it",
        _ => null,
    };

    private static string? FaultOfAsking(NoiseLevel level) => level.Marginal.Sigma == 0
        ? "asks the network about a state without noise"
        : FaultOf(level) is { } fault ? $"asks the network {fault}" : null;

    // The end of sampling, where no network is asked, has no time.
    private static string? FaultOf(NoiseLevel level) => level.Marginal switch
    {
        { Sigma: 0, Alpha: > 0 } => null,
        { Sigma: 0 } => "at a level with neither signal nor noise",
        _ when !(level.Time is >= 0 and <= LastTime) => FormattableString.Invariant($"at time {level.Time}; times are 0 to {LastTime:N0}"),
        { Sigma: > LargestWeight } or { Alpha: > LargestWeight } =>
            FormattableString.Invariant($"at {level.Marginal}; alpha and sigma are at most {LargestWeight:N0}"),
        _ => null,
    };

    // Nothing that ends a text of a script.
    private static bool IsPlanName(string name) => name.Length is > 0 and <= LongestName
        && name.All(character => char.IsLetterOrDigit(character) || " .,:;()+*/=_^-".Contains(character));

    private static bool IsSlotName(string name) => name.Length is > 0 and <= LongestName && char.IsAsciiLetter(name[0])
        && name.All(character => char.IsAsciiLetterOrDigit(character) || character == '_');
}
