using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>
/// The mean loss since the last evaluation and since the last row of steps, and how many losses stand out. Everything is counted on the
/// device; nothing waits for it.
/// </summary>
/// <remarks>
/// A loss is a spike where it is more than six standard deviations above a running mean over about the last hundred updates. A spike enters
/// the mean as no more than that limit, so that one does not hide the next, and a lasting rise is soon no spike any more.
/// </remarks>
public sealed class LossWatch : IDisposable
{
    private const double Deviations = 6;
    private const double Rate = 0.01;

    // Before so many losses nobody knows what is usual.
    private const double Enough = 50;

    /// <summary>A watch that has seen nothing.</summary>
    /// <param name="device">Where the losses are.</param>
    public LossWatch(Device device)
    {
        Epoch = zeros(2, float64, device).DetachFromDisposeScope();
        Interval = zeros(2, float64, device).DetachFromDisposeScope();
        Usual = zeros(4, float64, device).DetachFromDisposeScope();
    }

    /// <summary>Of the epoch: [sum of the finite losses, how many they are]; float64.</summary>
    public Tensor Epoch { get; }

    /// <summary>Of the interval since <see cref="BeginInterval"/>: [sum of the finite losses, how many they are]; float64.</summary>
    public Tensor Interval { get; }

    /// <summary>[running mean, running variance, finite losses in the whole run, spikes in the epoch]; float64.</summary>
    public Tensor Usual { get; }

    /// <summary>Takes in the loss of an update. One that is not finite is left out, as the update it belongs to is.</summary>
    /// <param name="loss">A single number on the device.</param>
    public void Add(Tensor loss)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var number = loss.to(float64);
        var finite = number.isfinite();
        var counted = finite.to(float64);
        var value = where(finite, number, zeros_like(number));
        var taken = stack([value, counted]);
        Epoch.add_(taken, Number.One);
        Interval.add_(taken, Number.One);
        var (mean, variance, seen) = (Usual[0], Usual[1], Usual[2]);
        var limit = mean.Plus(variance.sqrt().Times(Deviations));
        var spike = (seen >= Number.Of(Enough)).logical_and(number > limit).logical_and(finite).to(float64);
        var change = where(spike > Number.Of(0), limit, value) - mean;
        // The plain mean at first, then one that forgets; 0 where the loss is left out.
        var rate = seen.Plus(1).reciprocal().clamp_min(Number.Of(Rate)) * counted;
        var spread = rate.SubtractedFrom(1) * variance.Plus(rate * change * change);
        Usual.copy_(stack([mean.Plus(rate * change), spread, seen.Plus(counted), Usual[3].Plus(spike)]));
    }

    /// <summary>Begins an epoch; what is usual stays known.</summary>
    public void Begin()
    {
        using var scope = NewDisposeScope();
        Epoch.zero_();
        Usual.narrow(0, 3, 1).zero_();
    }

    /// <summary>Begins the interval of the next row of steps.</summary>
    public void BeginInterval()
    {
        using var scope = NewDisposeScope();
        Interval.zero_();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Epoch.Dispose();
        Interval.Dispose();
        Usual.Dispose();
    }
}
