using System.Globalization;
using Diffusion.Math.Values;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using static TorchSharp.torch;

namespace Diffusion.Model.Runs;

/// <summary>What becomes of a network's table of labels when it goes on with other classes, with labels, or without.</summary>
/// <remarks>
/// A class keeps its vector, found by its name, or by its number where no names are known. A class that was not there begins with the
/// vector that stands for no label, so that the network at first does for it what it did without labels: the null label's, else the mean
/// of all; zeros where there was no table. A network that has no labels any more takes this vector into the bias of the layer of its
/// embedding of time that it was added before or behind, and begins as what the other one was without a label.
/// </remarks>
/// <param name="Before">The table of the network that the weights are of; null for none.</param>
/// <param name="After">The table of the network that begins with them; null for none.</param>
/// <param name="Rows">For each row of the latter, the row of the former that it is; -1 for one that was not there.</param>
internal sealed record LabelTable(LabelShape? Before, LabelShape? After, Sequence<int> Rows)
{
    private const string Table = "class_embedding.weight";
    private const string Projection = "class_projection";
    private const string First = "time_embedding.linear_1";
    private const string Last = "time_embedding.linear_2";

    /// <summary>Whether a parameter belongs to the labels.</summary>
    /// <param name="name">Its name.</param>
    public static bool Holds(string name) => name == Table || name.StartsWith($"{Projection}.", StringComparison.Ordinal);

    /// <summary>What becomes of it from one recipe to another, which knows its images.</summary>
    public static LabelTable Between(Recipe before, Recipe after)
    {
        var (one, other) = (before.Network.Labels, after.Network.Labels);
        if (other is null)
            return new(one, null, []);
        var (former, names) = (before.Data.ClassNames, after.Data.ClassNames);
        var areNamed = former.Count == one?.Classes && names.Count == other.Classes;
        string[] known = [.. former];
        int RowOf(int row) => one is null ? -1
            : row == other.Classes ? (one.Null == NullLabel.Learned ? one.Classes : -1)
            : areNamed ? Array.IndexOf(known, names[row])
            : row < one.Classes ? row : -1;
        return new(one, other, Sequence.Generate(other.Rows, RowOf));
    }

    /// <summary>What becomes of it, for a person; null where it stays.</summary>
    public string? Text => (Before, After) switch
    {
        (null, null) => null,
        (null, { } after) => $"label table: made anew for {after.Classes} classes; the weights are of a model without labels",
        ({ } before, null) => $"label table: of {before.Classes} classes, not needed; the model begins as it was without a label",
        ({ } before, { } after) when !AreAlike(before, after) => $"label table: made anew for {after.Classes} classes",
        _ when Rows.SequenceEqual(Enumerable.Range(0, Before!.Rows)) => null,
        ({ } before, { } after) => string.Create(CultureInfo.InvariantCulture, $"label table: made anew for {after.Classes} classes ") +
            string.Create(CultureInfo.InvariantCulture, $"({before.Classes} there), {Rows.Take(after.Classes).Count(row => row >= 0)} ") +
            "of which keep their vectors; the others begin as no label does",
    };

    /// <summary>Fills the table of the new network.</summary>
    /// <param name="parameters">Its parameters, by their names.</param>
    /// <param name="file">The weights of the other one.</param>
    public void Fill(IReadOnlyDictionary<string, Tensor> parameters, SafetensorsFile file)
    {
        using var scope = NewDisposeScope();
        var former = Before is null ? null : file.Load(Table).to(float32);
        if (After is null)
        {
            if (former is not null)
                Absorb(Projected(Unlabelled(former), file), parameters);
            return;
        }
        var (table, isAlike) = (parameters[Table], former is not null && AreAlike(Before!, After));
        if (isAlike && After.Width is not null)
            foreach (var part in new[] { "weight", "bias" })
                Checkpoints.Checkpoint.Load(file, $"{Projection}.{part}", parameters[$"{Projection}.{part}"]);
        foreach (var (row, from) in Rows.Index())
        {
            using var own = table.select(0, row);
            if (!isAlike)
                own.zero_();
            else
                own.copy_(from >= 0 ? former!.select(0, from) : Unlabelled(former!));
        }
    }

    private static bool AreAlike(LabelShape one, LabelShape other) => (one.Width, one.Entry) == (other.Width, other.Entry);

    // W·(t + v) + b = W·t + (b + W·v).
    private void Absorb(Tensor vector, IReadOnlyDictionary<string, Tensor> parameters)
    {
        // Layers without a bias, as those that keep magnitudes, have no place for it.
        if (!parameters.ContainsKey($"{Last}.bias"))
            return;
        if (Before!.Entry == LabelEntry.BeforeLayers)
            parameters[$"{First}.bias"].add_(parameters[$"{First}.weight"].matmul(vector), Number.One);
        else
            parameters[$"{Last}.bias"].add_(vector, Number.One);
    }

    private Tensor Unlabelled(Tensor table) => Before!.Null == NullLabel.Learned ? table.select(0, Before.Classes) : table.mean([0L]);

    private Tensor Projected(Tensor vector, SafetensorsFile file) => Before!.Width is null
        ? vector
        : nn.functional.linear(
            vector.unsqueeze(0), file.Load($"{Projection}.weight").to(float32), file.Load($"{Projection}.bias").to(float32)).squeeze(0);
}
