using System.Collections.Immutable;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Sampling;

/// <summary>Draws samples from a network by a plan. A value: what it says fixes every image.</summary>
/// <param name="Plan">The sampler, applied to a schedule and a grid.</param>
/// <param name="Prediction">What the network was trained to output.</param>
/// <param name="Seed">What the noise follows from.</param>
public sealed record SamplingRun(SamplerPlan Plan, Prediction Prediction, Seed Seed)
{
    /// <summary>How conditional and unconditional outputs are combined.</summary>
    public Guidance Guidance { get; init; } = new Guidance.None();

    /// <summary>The model that guidance moves away from; null where guidance asks for none.</summary>
    public WeakerModel? Weaker { get; init; }

    /// <summary>The classifier that steers samples to their labels; null where the plan asks for none.</summary>
    public Steering? Steering { get; init; }

    /// <summary>Which noise a sample is made of.</summary>
    public NoiseNumbering Noise { get; init; } = new NoiseNumbering.Own();

    /// <summary>The real images of a plan that edits; null for a plan that makes images from nothing.</summary>
    public Originals? Originals { get; init; }

    /// <summary>Arithmetic of the network.</summary>
    public Precision Precision { get; init; }

    /// <summary>Samples that pass through the network at once, at most; does not change them. Where memory is short it is fewer.</summary>
    public int Batch { get; init => field = Require.AtLeast(value, 1); } = 64;

    /// <summary>Number of the first sample; at least 0. Many samples can so be drawn a few at a time.</summary>
    public long First { get; init => field = Require.AtLeast(value, 0); }

    /// <summary>Samples number <see cref="First"/> to <see cref="First"/> + <paramref name="count"/> − 1.</summary>
    /// <param name="network">The network, in evaluation mode; its device is used.</param>
    /// <param name="shape">[C, H, W] of one sample.</param>
    /// <param name="count">How many.</param>
    /// <param name="labels">The label of a sample by its number, or null for none; a classifier steers to it.</param>
    /// <param name="watch">Called after every step with the numbers of the batch's samples, the step's index and the slots.</param>
    /// <returns>float32 [count, C, H, W] on the CPU.</returns>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">Memory does not suffice even for one sample.</exception>
    public Tensor Draw(UNet network, long[] shape, int count, Func<long, long>? labels = null, Action<SampledStep>? watch = null) =>
        SampleBatch.Together(Batches(network, shape, count, labels, watch));

    /// <summary>The same samples, a batch at a time; the caller disposes of each.</summary>
    /// <param name="network">The network, in evaluation mode; its device is used.</param>
    /// <param name="shape">[C, H, W] of one sample.</param>
    /// <param name="count">How many.</param>
    /// <param name="labels">The label of a sample by its number, or null for none; a classifier steers to it.</param>
    /// <param name="watch">Called after every step with the numbers of the batch's samples, the step's index and the slots.</param>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">Memory does not suffice even for one sample.</exception>
    public IEnumerable<SampleBatch> Batches(
        UNet network, long[] shape, int count, Func<long, long>? labels = null, Action<SampledStep>? watch = null)
    {
        var atOnce = Batch;
        for (var done = 0; done < count;)
        {
            var (first, length, batch) = (First + done, Min(atOnce, count - done), (Tensor?)null);
            try
            {
                using var guard = no_grad();
                batch = DrawBatch(network, [length, .. shape], first, labels, watch).DetachFromDisposeScope();
            }
            catch (Exception shortage) when (OutOfMemory.IsMeantBy(shortage) && length > 1)
            {
                atOnce = (length + 1) / 2;
                continue;
            }
            done += length;
            yield return new(first, batch);
        }
    }

    private Tensor DrawBatch(UNet network, long[] shape, long first, Func<long, long>? labels, Action<SampledStep>? watch)
    {
        using var scope = NewDisposeScope();
        var device = network.parameters().First().device;
        var given =
            labels is null ? null : tensor([.. Enumerable.Range(0, (int)shape[0]).Select(index => labels(first + index))], device: device);
        // Where only the classifier knows labels, only it is given them.
        var condition = Steering is not null && network.Shape.Labels is null ? null : given;
        using var denoiser = new Denoiser(network, Prediction, Guidance, condition, Precision) { Weaker = Weaker };
        var interpreter = new Interpreter<Tensor>(new TensorSpace(), denoiser, Noise.Source(new(Seed, first, shape, device)))
        {
            Classifier = given is null ? null : Steering?.To(given),
            Original = Originals?.Of(first, shape[0], device),
        };
        var survivors = Plan.Survivors();
        var slots = interpreter.Begin(Plan);
        foreach (var (index, step) in Plan.Steps.Index())
        {
            using var inner = NewDisposeScope();
            var before = slots;
            var (after, estimate) = interpreter.Through(before, step);
            watch?.Invoke(new(first, index, before[Slot.State], estimate, after[Slot.State]));
            slots = survivors[index].ToImmutableDictionary(slot => slot, slot => after[slot].MoveToOuterDisposeScope());
            // By identity: tensors are equal where their numbers are, and NaN is not equal to itself.
            foreach (var forgotten in before.Values.Except(slots.Values, ReferenceEqualityComparer.Instance).Cast<Tensor>())
                forgotten.Dispose();
        }
        return slots[Slot.State].cpu().MoveToOuterDisposeScope();
    }
}

/// <summary>Consecutive samples.</summary>
/// <param name="First">Number of the first one.</param>
/// <param name="Images">float32 [N, C, H, W] in [−1, 1] on the CPU; owned.</param>
public sealed record SampleBatch(long First, Tensor Images) : IDisposable
{
    /// <summary>All samples of consecutive batches as one tensor; the batches are disposed of.</summary>
    internal static Tensor Together(IEnumerable<SampleBatch> batches)
    {
        using var scope = NewDisposeScope();
        var images = new List<Tensor>();
        foreach (var batch in batches)
        {
            scope.Attach(batch.Images);
            images.Add(batch.Images);
        }
        return cat(images).MoveToOuterDisposeScope();
    }

    /// <summary>How many samples.</summary>
    public int Count => (int)Images.shape[0];

    /// <inheritdoc/>
    public void Dispose() => Images.Dispose();
}

/// <summary>A batch at one step of a plan. Tensors are to be copied by whoever keeps them.</summary>
/// <param name="First">Number of the batch's first sample.</param>
/// <param name="Index">The step's index in the plan.</param>
/// <param name="State">The state that the step sets out from.</param>
/// <param name="Estimate">The estimate of the clean images, made of that state; null where the network is not asked.</param>
/// <param name="Next">The state that the step leads to.</param>
public readonly record struct SampledStep(long First, int Index, Tensor State, Tensor? Estimate, Tensor Next);
