using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Values;
using Diffusion.Model.Images;
using Diffusion.Model.Runtime;
using Diffusion.Model.Sampling;
using TorchSharp;

namespace Diffusion.Host.Samplers;

/// <summary>
/// Progressive generation: two rows for each sample, the noisy state and the estimate of the clean image, from noise to image.
/// </summary>
/// <remarks>
/// Ho et al. 2020, figures 6 and 14. A column shows the state x_t and below it the estimate of x_0 that is made of it. The first is x_T;
/// the last is the sample, which is its own estimate.
/// </remarks>
/// <param name="plan">The plan that is carried out.</param>
/// <param name="columns">Moments shown at most; at least 1. The last one is the end.</param>
public sealed class DenoisingStrip(SamplerPlan plan, int columns) : IDisposable
{
    private readonly ShownSteps _shown = ShownSteps.Of(plan, columns);
    private readonly List<(long Sample, int Row, int Column, torch.Tensor Images)> _kept = [];

    /// <summary>Keeps what is shown of a step.</summary>
    public void Watch(SampledStep moment)
    {
        using var scope = torch.NewDisposeScope();
        var step = plan.Steps[moment.Index];
        if (_shown.PlaceOf(moment.Index) is { } column)
        {
            Keep(0, column, moment.State.Over(step.From.Marginal.Scale));
            if (moment.Estimate is { } estimate)
                Keep(1, column, estimate);
        }
        if (moment.Index == plan.Steps.Count - 1)
        {
            var end = moment.Next.Over(step.To.Marginal.Scale);
            Keep(0, _shown.Count - 1, end);
            if (step.To == NoiseLevel.Clean)
                Keep(1, _shown.Count - 1, end);
        }

        void Keep(int row, int column, torch.Tensor images) =>
            _kept.Add((moment.First, row, column, images.to(torch.CPU, copy: true).DetachFromDisposeScope()));
    }

    /// <summary>The sheet. The time above a column is that of the state.</summary>
    /// <param name="title">What stands above it.</param>
    /// <param name="scale">The side of the square that an image pixel becomes; null for the usual one.</param>
    public ImageGrid Compose(string title, int? scale = null)
    {
        using var scope = torch.NewDisposeScope();
        var shape = _kept[0].Images.shape[1..];
        var count = _kept.Max(kept => kept.Sample + kept.Images.shape[0]);
        var sheet = torch.ones([count, 2, _shown.Count, .. shape]);
        foreach (var (sample, row, column, images) in _kept)
            sheet.narrow(0, sample, images.shape[0]).select(1, row).select(1, column).copy_(images);
        var layout = GridLayout.Readable(_shown.Count, (int)shape[1]) with
        {
            Title = title,
            ColumnLabels = Sequence.Generate(_shown.Count, column => ShownSteps.TimeText(_shown.LevelAt(plan, column))),
            RowLabels = [.. Enumerable.Range(0, (int)count).SelectMany(_ => new[] { "xₜ", "x̂₀" })],
        };
        return ImageGrid.Of(sheet.flatten(0, 2), layout.At(scale));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, _, _, images) in _kept)
            images.Dispose();
        _kept.Clear();
    }
}
