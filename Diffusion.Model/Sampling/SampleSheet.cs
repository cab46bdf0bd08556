using System.Globalization;
using Diffusion.Math.Values;
using Diffusion.Model.Images;
using TorchSharp;

namespace Diffusion.Model.Sampling;

/// <summary>
/// A sheet of samples, by label where labels follow one another: what an evaluation leaves and <c>sample</c> redraws.
/// </summary>
/// <param name="sampler">How samples are drawn.</param>
/// <param name="names">What labels are called; numbers where there are none.</param>
public sealed class SampleSheet(ModelSampler sampler, Sequence<string> names)
{
    private const int Scale = 2;

    /// <summary>The sheet of a sampler, with the names that its model's recipe knows.</summary>
    public SampleSheet(ModelSampler sampler)
        : this(sampler, sampler.ClassNames)
    {
    }

    /// <summary>
    /// How many samples the sheet of an evaluation shows: as many as its recipe says, of each label equally many, and at least one where
    /// so many are drawn.
    /// </summary>
    public int Shown
    {
        get
        {
            var (evaluation, length) = (sampler.Model.Recipe.Evaluation, sampler.Model.Recipe.Length);
            return sampler.LabelsInTurn is not { Count: var labels } ? evaluation.GridImages
                : evaluation.GridImages >= labels ? evaluation.GridImages / labels * labels
                : Max(evaluation.GridImages, Min(labels, evaluation.FewestIn(length)));
        }
    }

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
        var count = (int)samples.shape[0];
        if (sampler.LabelsInTurn is not { Count: > 1 and var inTurn } labels)
            return ImageGrid.Of(samples, (GridLayout.Square(count) with { Scale = Scale }).At(scale));
        var shown = Min(inTurn, count);
        var names = labels.Take(shown).Select(label => NameOf(label)).ToSequence();
        var size = new ImageSize((int)samples.shape[2], (int)samples.shape[3]);
        // Samples 0, 1, 2, … are of labels 0, 1, 2, …
        return ClassGrid.Of(names, (count + shown - 1) / shown, size, Scale).At(scale).Compose(
            samples, (label, place) => place * shown + label is var sample && sample < count ? sample : null);
    }

    private string NameOf(long label) =>
        names.Count == sampler.Classes ? names[(int)label] : label.ToString(CultureInfo.InvariantCulture);
}
