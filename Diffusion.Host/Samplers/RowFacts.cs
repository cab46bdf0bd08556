using Diffusion.Math.Values;
using Diffusion.Model.Sampling;

namespace Diffusion.Host.Samplers;

/// <summary>What is said of a sheet whose rows were drawn differently: first what all rows share, then each row's own.</summary>
/// <param name="Rows">Each row's name and facts; at least one row.</param>
public sealed record RowFacts(Sequence<(string Name, Sequence<(string Name, string Text)> Facts)> Rows)
{
    /// <summary>A model and how it is sampled, in a line that can stand above an image.</summary>
    public static string TitleOf(ModelSampler sampler) => new RowFacts([("", sampler.Provenance().ToSequence())]).Title;

    /// <summary>As names and texts; a row of which its name says everything is left out.</summary>
    public Sequence<(string Name, string Text)> All =>
    [
        .. Shared,
        .. Rows.Select(row => (row.Name, Text: string.Join(
            ", ", Own(row.Facts).Select(fact => Said(row.Name, fact)).Where(text => text.Length > 0))))
            .Where(row => row.Text.Length > 0),
    ];

    /// <summary>What all rows share, in a line that can stand above an image.</summary>
    public string Title => string.Join(", ", Shared.Where(fact => fact.Name is not ("plan" or "classifier form")).Select(fact =>
        fact.Name is "recipe" or "sampler" or "guidance" ? fact.Text : $"{fact.Name} {fact.Text}"));

    private IEnumerable<(string Name, string Text)> Shared => Rows[0].Facts.Where(fact => Rows.All(row => row.Facts.Contains(fact)));

    // "guidance -1" is followed by "w = -1 (s = 0)", and "label 0" by nothing of it.
    private static string Said(string row, (string Name, string Text) fact) =>
        row == $"{fact.Name} {fact.Text}" || row == $"{fact.Name.TrimEnd('s')} {fact.Text}" ? ""
        : row.StartsWith($"{fact.Name} ", StringComparison.Ordinal) || row.StartsWith($"{fact.Name}-", StringComparison.Ordinal) ? fact.Text
        : $"{fact.Name} {fact.Text}";

    private IEnumerable<(string Name, string Text)> Own(Sequence<(string Name, string Text)> facts) => facts.Except(Shared);
}
