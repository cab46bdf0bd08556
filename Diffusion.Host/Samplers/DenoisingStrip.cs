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
/// <remarks>Ho et al. 2020, figure 6. A column shows a step's estimate x̂0 below the state x_t that the step leads to.</remarks>
/// <param name="plan">The plan that is carried out.</param>
/// <param name="columns">Moments shown at most; at least 1. The last one is the end.</param>
public sealed class DenoisingStrip(SamplerPlan plan, int columns) : IDisposable
{
    private readonly ShownSteps _shown = new(plan.Steps.Count, columns);
    private readonly List<(long Sample, int Row, int Column, torch.Tensor Images)> _kept = [];

    /// <summary>Keeps what is shown of a step.</summary>
    public void Watch(SampledStep moment)
    {
        if (_shown.PlaceOf(moment.Index) is not { } column)
            return;
        using var scope = torch.NewDisposeScope();
        var step = plan.Steps[moment.Index];
        Keep(0, moment.Slots[Slot.State].Over(step.To.Marginal.Scale));
        if (EstimateOf(step) is { } slot && moment.Slots.TryGetValue(slot, out var estimate))
            Keep(1, estimate);

        void Keep(int row, torch.Tensor images) =>
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
            ColumnLabels = Sequence.Generate(_shown.Count, column => ShownSteps.TimeText(plan.Steps[_shown.StepAt(column)].To)),
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

    // The last estimate of a step is the one that is limited, where there is a limit.
    private static Slot? EstimateOf(SamplerStep step) => step.Instructions.Reverse().Select(instruction => instruction switch
    {
        Instruction.Clip clip => clip.Into,
        Instruction.Threshold threshold => threshold.Into,
        Instruction.Denoise ask => ask.Into,
        Instruction.DenoiseWithVariance ask => ask.Into,
        _ => (Slot?)null,
    }).FirstOrDefault(slot => slot is not null);
}
