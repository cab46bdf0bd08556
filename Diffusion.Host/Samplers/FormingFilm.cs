using Diffusion.Math.Plans;
using Diffusion.Model.Images;
using Diffusion.Model.Runtime;
using Diffusion.Model.Sampling;
using TorchSharp;

namespace Diffusion.Host.Samplers;

/// <summary>Progressive generation as an animation: a grid of samples that form out of noise together.</summary>
/// <param name="plan">The plan that is carried out.</param>
/// <param name="frames">Moments shown at most; at least 1. The first is noise alone, the last one is the end.</param>
public sealed class FormingFilm(SamplerPlan plan, int frames) : IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(2);

    private const int Scale = 2;
    private const int MostInARow = 10;

    private readonly ShownSteps _shown = ShownSteps.Of(plan, frames);
    private readonly List<(int Frame, torch.Tensor States)> _kept = [];

    /// <summary>How the samples of a frame are usually laid out: wider than high, for an animation stands on a slide.</summary>
    /// <param name="sampler">What draws them.</param>
    /// <param name="count">How many there are.</param>
    public static GridLayout LayoutOf(ModelSampler sampler, int count) => GridLayout.Of(
        sampler.LabelsInTurn is { Count: <= MostInARow and var labels } ? labels : (int)Ceiling(Sqrt(1.25 * count))) with { Scale = Scale };

    /// <summary>Keeps what is shown of a step. Batches come one after another.</summary>
    public void Watch(SampledStep moment)
    {
        using var scope = torch.NewDisposeScope();
        var step = plan.Steps[moment.Index];
        if (_shown.PlaceOf(moment.Index) is { } frame)
            Keep(frame, moment.State.Over(step.From.Marginal.Scale));
        if (moment.Index == plan.Steps.Count - 1)
            Keep(_shown.Count - 1, moment.Next.Over(step.To.Marginal.Scale));

        void Keep(int place, torch.Tensor states) => _kept.Add((place, states.to(torch.CPU, copy: true).DetachFromDisposeScope()));
    }

    /// <summary>The animation; the finished samples are held, and are seen where nothing moves.</summary>
    /// <param name="layout">How the samples of a frame are laid out.</param>
    /// <param name="title">What stands above them and above the time.</param>
    public Animation Compose(GridLayout layout, string title)
    {
        var images = _kept.GroupBy(kept => kept.Frame).OrderBy(group => group.Key).Select(group =>
        {
            using var scope = torch.NewDisposeScope();
            return ImageGrid.Compose(
                torch.cat([.. group.Select(kept => kept.States)]), layout with { Title = $"{title}\n{TimeOf(group.Key)}" });
        }).ToList();
        var moving = images.SkipLast(1).Select(image => new Frame(image, Pace));
        return new([.. moving, new Frame(images[^1], Rest)]) { Still = images[^1] };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, states) in _kept)
            states.Dispose();
        _kept.Clear();
    }

    private string TimeOf(int frame) => ShownSteps.TimeText(_shown.LevelAt(plan, frame));
}
