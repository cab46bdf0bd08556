using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Displays;
using Diffusion.Math.Samplers;
using Diffusion.Math.Values;
using Diffusion.Model.Sampling;
using TorchSharp;

namespace Diffusion.Host.Samplers;

/// <summary>Draws samples by one plan after another, and shows how far it is and how long the rest takes.</summary>
public static class WatchedSampling
{
    /// <summary>Says what should be known of samples before they are drawn, each once.</summary>
    /// <param name="session">Receives the events.</param>
    /// <param name="samplers">How they are drawn.</param>
    public static void Warn(Session session, IEnumerable<ModelSampler> samplers)
    {
        foreach (var concern in samplers.SelectMany(sampler => sampler.Concerns).Distinct())
            session.Warn(concern);
    }

    /// <summary>All samples.</summary>
    /// <param name="session">Who is talked to, and may stop it.</param>
    /// <param name="portions">What is drawn, in this order.</param>
    /// <param name="watch">Called after every step of every batch with the portion's index.</param>
    /// <returns>float32 [count, C, H, W] on the CPU for each portion; the caller disposes them.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static IReadOnlyList<torch.Tensor> Draw(
        Session session, IReadOnlyList<Portion> portions, Action<int, SampledStep>? watch = null)
    {
        Warn(session, portions.Select(portion => portion.Sampler));
        return ProgressDisplay.Show<IReadOnlyList<torch.Tensor>>(session, (_, display) =>
        {
            var (before, total, samples) = (0L, portions.Sum(portion => portion.NetworkCalls), portions.Sum(portion => portion.Count));
            using var activity = display.Begin(new("sampling", "network calls", 0, total));
            var drawn = new List<torch.Tensor>();
            try
            {
                foreach (var (index, portion) in portions.Index())
                {
                    drawn.Add(portion.Sampler.Draw(portion.Count, new()
                    {
                        Progress = new SamplingActivity(activity, before, () =>
                            Counted.Of(samples, "sample")),
                        Step = moment => watch?.Invoke(index, moment),
                        Stopping = session.Stopping,
                    }));
                    before += portion.NetworkCalls;
                }
                return drawn;
            }
            catch
            {
                drawn.ForEach(tensor => tensor.Dispose());
                throw;
            }
        });
    }
}

/// <summary>Some samples that are drawn alike.</summary>
/// <param name="Sampler">How.</param>
/// <param name="Count">How many; at least 1.</param>
public sealed record Portion(ModelSampler Sampler, int Count)
{
    /// <summary>Network calls of all batches.</summary>
    public long NetworkCalls => Sampler.NetworkCallsFor(Count);
}

/// <summary>Shows how far sampling is.</summary>
/// <param name="activity">Where it is shown.</param>
/// <param name="before">Network calls of work that was done before.</param>
/// <param name="detail">What else is worth seeing.</param>
internal sealed class SamplingActivity(IActivity activity, long before, Func<string> detail) : IProgress<SamplingProgress>
{
    /// <inheritdoc/>
    public void Report(SamplingProgress value) => activity.Report(before + value.NetworkCalls, detail);
}
