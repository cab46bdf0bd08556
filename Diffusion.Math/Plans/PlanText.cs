using System.Diagnostics;
using System.Globalization;
using System.Text;
using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Plans;

/// <summary>A plan as text that a person can check against the paper.</summary>
public static class PlanText
{
    /// <summary>One paragraph per step: its levels, then a line per instruction.</summary>
    public static string Print(SamplerPlan plan)
    {
        var text = new StringBuilder();
        Line(text, $"{plan.Name}: {Counted.Of(plan.Steps.Count, "step")}, {Counted.Of(plan.NetworkCalls, "network call")}");
        Line(text, $"state = {Number(plan.InitialScale)} noise#0");
        foreach (var (index, step) in plan.Steps.Index())
        {
            Line(text, $"");
            Line(text, $"step {index + 1}: {Level(step.From)} -> {Level(step.To)}");
            foreach (var instruction in step.Instructions)
                Line(text, $"  {string.Join(", ", instruction.Writes)} = {RightHandSide(instruction)}");
        }
        return text.ToString();
    }

    private static string RightHandSide(Instruction instruction) => instruction switch
    {
        Instruction.Draw draw => $"noise#{draw.Number}",
        Instruction.Denoise denoise => $"denoise({denoise.From}, {Level(denoise.Level)})",
        Instruction.DenoiseWithVariance denoise => $"denoise with variance({denoise.From}, {Level(denoise.Level)})",
        Instruction.Gradient gradient => $"classifier gradient({gradient.From}, {Level(gradient.Level)})",
        Instruction.Combine combine => string.Join(" ", combine.Terms.Index().Select(entry => Summand(entry.Index, entry.Item))),
        Instruction.Clip clip => $"clip({clip.From}, {Number(-clip.Bound)}, {Number(clip.Bound)})",
        Instruction.Threshold threshold =>
            $"threshold({threshold.From}, quantile {Number(threshold.Quantile.Fraction)}, at most {Number(threshold.Quantile.Ceiling)})",
        Instruction.Modulate modulate =>
            $"{modulate.From} * exp({Number(modulate.Range.AtZero)} to {Number(modulate.Range.AtOne)} by {modulate.Fraction})",
        Instruction.Recall => "the original",
        Instruction.Restore restore => $"{restore.Known} where the original stays, {restore.Made} elsewhere",
        _ => throw new UnreachableException(),
    };

    private static string Summand(int index, Term term) =>
        (index, term.Weight < 0) switch
        {
            (0, false) => Product(term),
            (0, true) => $"-{Product(term with { Weight = -term.Weight })}",
            (_, true) => $"- {Product(term with { Weight = -term.Weight })}",
            _ => $"+ {Product(term)}",
        };

    private static string Product(Term term) => term.Weight == 1 ? term.Slot.Name : $"{Number(term.Weight)} {term.Slot}";

    private static string Level(NoiseLevel level) =>
        level == NoiseLevel.Clean
            ? "clean"
            : $"t={Number(level.Time)} (alpha {Number(level.Marginal.Alpha)}, sigma {Number(level.Marginal.Sigma)})";

    private static string Number(double value) => value.ToString("G9", CultureInfo.InvariantCulture);

    private static void Line(StringBuilder text, FormattableString line) => text.Append(FormattableString.Invariant(line)).Append('\n');
}
