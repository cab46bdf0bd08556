using System.Globalization;
using Diffusion.Math.Values;
using Diffusion.Model.Images;
using TorchSharp;

namespace Diffusion.Model.Sampling;

/// <summary>
/// A sheet of samples, with a row for each label where all are in turn: what an evaluation leaves and <c>sample</c> redraws.
/// </summary>
/// <param name="sampler">How samples are drawn.</param>
/// <param name="names">What labels are called; numbers where there are none.</param>
public sealed class SampleSheet(ModelSampler sampler, Sequence<string> names)
{
    private const int Scale = 2;

    /// <summary>The sheet of a sampler, with the names that its model's recipe knows.</summary>
    public SampleSheet(ModelSampler sampler)
        : this(sampler, sampler.Model.Recipe.Data.ClassNames)
    {
    }

    /// <summary>How many samples the sheet of an evaluation shows: as many as its recipe says, in whole columns.</summary>
    public int Shown =>
        sampler.Model.Recipe.Evaluation.GridImages is var images && sampler.ClassesInTurn is { } classes && images >= classes
            ? images / classes * classes
            : images;

    /// <summary>How many samples are drawn for it: whole batches as in the evaluation, for other batches round otherwise.</summary>
    public int Drawn
    {
        get
        {
            var (recipe, batch) = (sampler.Model.Recipe, sampler.Run.Batch);
            return Min(recipe.Evaluation.CountAt(sampler.Model.Updates, recipe.Length), (Shown + batch - 1) / batch * batch);
        }
    }

    /// <summary>The sheet.</summary>
    /// <param name="samples">[N, C, H, W] in [−1, 1], from the sampler's first one on.</param>
    /// <param name="scale">The side of the square that an image pixel becomes; null for the usual one.</param>
    public ImageGrid Compose(torch.Tensor samples, int? scale = null)
    {
        using var scope = torch.NewDisposeScope();
        var count = (int)samples.shape[0];
        if (sampler.ClassesInTurn is not { } classes || classes < 2)
            return ImageGrid.Of(samples, (GridLayout.Of((int)Ceiling(Sqrt(count))) with { Scale = Scale }).At(scale));
        var (rows, columns) = (Min(classes, count), (count + classes - 1) / classes);
        // Samples 0, 1, 2, … are of labels 0, 1, 2, …; what is missing in the last column is white.
        var missing = torch.ones([rows * columns - count, .. samples.shape[1..]]);
        var turned = torch.cat([samples, missing]).view([columns, rows, .. samples.shape[1..]]).transpose(0, 1).flatten(0, 1);
        var layout = GridLayout.Of(columns) with { Scale = Scale, RowLabels = Sequence.Generate(rows, NameOf) };
        return ImageGrid.Of(turned, layout.At(scale));
    }

    private string NameOf(int row)
    {
        var label = sampler.LabelOf(sampler.Run.First + row)!.Value;
        return names.Count == sampler.Classes ? names[(int)label] : label.ToString(CultureInfo.InvariantCulture);
    }
}
