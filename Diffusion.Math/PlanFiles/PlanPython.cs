using System.Globalization;
using System.Text;
using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Values;

namespace Diffusion.Math.PlanFiles;

/// <summary>A plan as a Python script that needs NumPy alone: the same steps, one line per instruction.</summary>
public static class PlanPython
{
    /// <summary>The script.</summary>
    /// <exception cref="ArgumentException">The plan has a classifier or edits an image, or exceeds the limits of files.</exception>
    public static string Print(SamplerPlan plan)
    {
        var text = new StringBuilder();
        var levels = LevelsOf(PlanLimits.Require(plan));
        Line(text, $"\"\"\"{plan.Name}: {Counted.Of(plan.Steps.Count, "step")}, {Counted.Of(plan.NetworkCalls, "network call")}.");
        Line(text, $"");
        Line(text, $"Plan {PlanHash.Of(plan)}.");
        Line(text, $"A state at time t is x = alpha * x_0 + sigma * noise, with (alpha, sigma) = MARGINALS[t].");
        Line(text, $"\"\"\"");
        Line(text, $"import numpy as np");
        Line(text, $"");
        Line(text, $"MARGINALS = {{");
        foreach (var level in levels)
            Line(text, $"    {Number(level.Time)}: ({Number(level.Marginal.Alpha)}, {Number(level.Marginal.Sigma)}),");
        Line(text, $"}}");
        Line(text, $"");
        Line(text, $"");
        Line(text, $"def sample(denoise, noise):");
        Line(text, $"    \"\"\"Samples, of the shape of the noise, with the samples of a batch along the first axis.");
        Line(text, $"");
        Line(text, $"    denoise(x, t) estimates x_0 for a state x at time t{Variance(plan)}.");
        Line(text, $"    noise(k) is standard normal noise number k, the same whenever it is asked for.");
        Line(text, $"    \"\"\"");
        Line(text, $"    state = {Number(plan.InitialScale)} * noise(0)");
        foreach (var (index, step) in plan.Steps.Index())
        {
            Line(text, $"    # step {index + 1}: sigma/alpha {Short(step.From)} to {Short(step.To)}");
            foreach (var instruction in step.Instructions)
                Line(text, $"    {string.Join(", ", instruction.Writes.Select(Name))} = {RightHandSide(instruction)}");
        }
        Line(text, $"    return state");
        if (plan.Steps.Any(step => step.Instructions.Any(instruction => instruction is Instruction.Threshold)))
            text.Append(Threshold);
        return text.ToString();
    }

    private static readonly HashSet<string> Taken =
    [
        "np", "sample", "denoise", "noise", "threshold", "MARGINALS",
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else",
        "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise",
        "return", "try", "while", "with", "yield",
    ];

    private const string Threshold = """


        def threshold(x, fraction, ceiling):
            rows = np.abs(x.reshape(len(x), -1))
            bound = np.clip(np.quantile(rows, fraction, axis=1), 1, ceiling).reshape((-1,) + (1,) * (x.ndim - 1))
            return np.clip(x, -bound, bound) / bound

        """;

    private static string RightHandSide(Instruction instruction) => instruction switch
    {
        Instruction.Draw draw => $"noise({draw.Number})",
        Instruction.Denoise ask => $"denoise({Name(ask.From)}, {Number(ask.Level.Time)})",
        Instruction.DenoiseWithVariance ask => $"denoise({Name(ask.From)}, {Number(ask.Level.Time)})",
        Instruction.Combine sum => string.Join(" + ", sum.Terms.Select(term => $"{Number(term.Weight)} * {Name(term.Slot)}")),
        Instruction.Clip clip => $"np.clip({Name(clip.From)}, {Number(-clip.Bound)}, {Number(clip.Bound)})",
        Instruction.Threshold limit =>
            $"threshold({Name(limit.From)}, {Number(limit.Quantile.Fraction)}, {Number(limit.Quantile.Ceiling)})",
        Instruction.Modulate modulate => $"{Name(modulate.From)} * np.exp("
            + $"(1 - {Name(modulate.Fraction)}) * {Number(modulate.Range.AtZero)} "
            + $"+ {Name(modulate.Fraction)} * {Number(modulate.Range.AtOne)})",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static string Variance(SamplerPlan plan) =>
        plan.Steps.Any(step => step.Instructions.Any(instruction => instruction is Instruction.DenoiseWithVariance))
            ? ", and the fraction of its variance" : "";

    // Times that stand for two levels, as added noise beyond the schedule's end makes them, show the first.
    private static Sequence<NoiseLevel> LevelsOf(SamplerPlan plan) => plan.Steps.SelectMany(step => step.Instructions)
        .Select(instruction => (instruction as Instruction.Denoise)?.Level ?? (instruction as Instruction.DenoiseWithVariance)?.Level)
        .OfType<NoiseLevel>().DistinctBy(level => level.Time).ToSequence();

    // No slot is called as something that the script or Python has, and no two slots alike.
    private static string Name(Slot slot) => Taken.Contains(slot.Name) || slot.Name.EndsWith('_') ? $"{slot.Name}_" : slot.Name;

    private static string Short(NoiseLevel level) => level.Marginal.NoiseToSignal.ToString("G4", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static void Line(StringBuilder text, FormattableString line) => text.Append(FormattableString.Invariant(line)).Append('\n');
}
