using Diffusion.Host.CommandLine;
using Diffusion.Host.Displays;
using Diffusion.Model.Sampling;
using TorchSharp;

namespace Diffusion.Host.Samplers;

/// <summary>Draws samples by one plan after another, and shows how far it is and how long the rest takes.</summary>
public static class WatchedSampling
{
    /// <summary>All samples.</summary>
    /// <param name="session">Who is talked to, and may stop it.</param>
    /// <param name="portions">What is drawn, in this order.</param>
    /// <param name="watch">Called after every step of every batch with the portion's index.</param>
    /// <returns>float32 [count, C, H, W] on the CPU for each portion; the caller disposes them.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static IReadOnlyList<torch.Tensor> Draw(Session session, IReadOnlyList<Portion> portions, Action<int, SampledStep>? watch = null) =>
        ProgressDisplay.Show<IReadOnlyList<torch.Tensor>>(session, (_, display) =>
        {
            var (done, total, samples) = (0L, portions.Sum(portion => portion.Steps), portions.Sum(portion => portion.Count));
            using var activity = display.Begin(new("sampling", "steps", 0, total));
            var drawn = new List<torch.Tensor>();
            try
            {
                foreach (var (index, portion) in portions.Index())
                    drawn.Add(portion.Sampling.Draw(portion.Count, moment =>
                    {
                        session.Stopping.ThrowIfCancellationRequested();
                        watch?.Invoke(index, moment);
                        activity.Report(++done, () => $"{samples} samples");
                    }));
                return drawn;
            }
            catch
            {
                drawn.ForEach(tensor => tensor.Dispose());
                throw;
            }
        });
}

/// <summary>Some samples that are drawn alike.</summary>
/// <param name="Sampling">How.</param>
/// <param name="Count">How many; at least 1.</param>
public sealed record Portion(ModelSampling Sampling, int Count)
{
    /// <summary>Steps of all batches.</summary>
    public long Steps => (long)((Count + Sampling.Run.Batch - 1) / Sampling.Run.Batch) * Sampling.Run.Plan.Steps.Count;
}
