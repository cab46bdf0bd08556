using Diffusion.Math.Values;
using Diffusion.Model.Images;
using TorchSharp;

namespace Diffusion.Host.Sweeps;

/// <summary>
/// A sheet with a row for each class and a block of columns for each strength of guidance; the same noise in every block.
/// </summary>
/// <param name="classes">Names of the classes.</param>
/// <param name="columns">Samples of a class in a block; at least 1.</param>
public sealed class DigitSheet(Sequence<string> classes, int columns) : IDisposable
{
    private const int Scale = 2;
    private const int Gap = 6;
    private readonly List<(string Mark, torch.Tensor Block)> _blocks = [];

    /// <summary>Adds a block.</summary>
    /// <param name="mark">What stands above it, such as <c>s = 3</c>.</param>
    /// <param name="samples">[N, C, H, W], of all classes in turn; the first ones are shown.</param>
    public void Add(string mark, torch.Tensor samples)
    {
        using var scope = torch.NewDisposeScope();
        var shown = Min(columns, (int)samples.shape[0] / classes.Count);
        var images = samples.narrow(0, 0, shown * classes.Count).view([shown, classes.Count, .. samples.shape[1..]]).unbind(0);
        // A row of the block is one wide image, with a white line between samples.
        var apart = torch.ones_like(images[0].narrow(-1, 0, 1));
        var row = images.SelectMany((image, index) => index == 0 ? new[] { image } : [apart, image]).ToList();
        _blocks.Add((mark, torch.cat(row, -1).DetachFromDisposeScope()));
    }

    /// <summary>Samples that a block shows; of all classes in turn.</summary>
    public int Samples => columns * classes.Count;

    /// <summary>What the columns show, from the left.</summary>
    public string Order => string.Join(", ", _blocks.Select(block => block.Mark));

    /// <summary>The sheet.</summary>
    /// <param name="title">What stands above it.</param>
    /// <param name="scale">The side of the square that an image pixel becomes; null for the usual one.</param>
    public RgbImage Compose(string title, int? scale = null)
    {
        using var scope = torch.NewDisposeScope();
        var sheet = torch.stack(_blocks.Select(block => block.Block), 1);
        var layout = GridLayout.Of(_blocks.Count) with
        {
            Scale = Scale,
            Gap = Gap,
            Title = title,
            RowLabels = classes,
            ColumnLabels = _blocks.Select(block => block.Mark).ToSequence(),
        };
        return ImageGrid.Compose(sheet.flatten(0, 1), layout.At(scale));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, block) in _blocks)
            block.Dispose();
    }
}
