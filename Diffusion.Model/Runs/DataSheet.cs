using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Recipes;
using TorchSharp;

namespace Diffusion.Model.Runs;

/// <summary>A sheet of what the network is trained on: images as they are after they were cut and scaled.</summary>
public static class DataSheet
{
    private const int Shown = 64;
    private const int MostClasses = 400;
    private const int Scale = 2;

    /// <summary>Writes it: the first images of each class where the network learns labels, else some from the whole set.</summary>
    /// <param name="path">The PNG file.</param>
    /// <param name="recipe">What the network is trained for.</param>
    /// <param name="images">The images.</param>
    /// <exception cref="InputException">An image that is read on demand cannot be read.</exception>
    /// <exception cref="OutputException">The file cannot be written.</exception>
    public static void Write(string path, Recipe recipe, IImageSource images)
    {
        using var scope = torch.NewDisposeScope();
        var found = images.Provenance;
        var file = new SheetFile(path, [("recipe", recipe.Name), ("images", found.ToString())]);
        file.Save(recipe.Labels is Conditioning.Labelled || recipe.Goal is Goal.Classify
            ? ByClass(images, found.Description.ClassNames)
            : Plain(images));
    }

    private static ImageGrid Plain(IImageSource images)
    {
        var (all, count) = (images.Provenance.Count, Min(images.Provenance.Count, Shown));
        return ImageGrid.Of(
            Numbers(images, [.. Enumerable.Range(0, count).Select(place => (int)((long)place * all / count))]),
            GridLayout.Square(count) with { Scale = Scale });
    }

    private static ImageGrid ByClass(IImageSource images, Sequence<string> names)
    {
        var shown = names.Take(MostClasses).ToSequence();
        var each = Max(1, Shown / shown.Count);
        var first = shown.Select(_ => new List<int>()).ToArray();
        var missing = each * shown.Count;
        for (var index = 0; index < images.Provenance.Count && missing > 0; index++)
            if (images.LabelOf(index) is var label && label < first.Length && first[label] is { } chosen && chosen.Count < each)
            {
                chosen.Add(index);
                missing--;
            }
        int[] all = [.. first.SelectMany(chosen => chosen)];
        var places = all.Index().ToDictionary(item => item.Item, item => item.Index);
        var (_, height, width) = images.Provenance.Shape;
        return ClassGrid.Of(shown, first.Max(chosen => chosen.Count), new(height, width), Scale).Compose(
            Numbers(images, all), (label, place) => place < first[label].Count ? places[first[label][place]] : null);
    }

    private static torch.Tensor Numbers(IImageSource images, int[] indices)
    {
        var (pixels, labels) = images.Select(indices);
        using (labels)
            return Pixels.ToNumbers(pixels);
    }
}
