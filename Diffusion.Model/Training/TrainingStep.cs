using Diffusion.Math.Noise;
using Diffusion.Math.Values;
using Diffusion.Model.Data;
using Diffusion.Model.Networks;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>One batch to gradients: Ho et al. 2020, Algorithm 1, for any schedule, prediction and weight.</summary>
/// <remarks>
/// Loss = mean over all numbers of Weight·(F(input, time) − target)². All randomness of a step follows from the run's seed and the step's
/// number, so nothing random has to be saved to resume.
/// </remarks>
/// <param name="recipe">What is trained.</param>
/// <param name="network">The network, its gradients gathered by an arena.</param>
public sealed class TrainingStep(Recipe recipe, UNet network)
{
    private readonly Seed _seed = new Seed(recipe.Seed).For("update");

    /// <summary>Images that pass through the network at once; 0 for the whole batch. What is drawn does not depend on it, but for dropout.</summary>
    public int MicroBatch { get; set; } = recipe.Length.MicroBatch;

    /// <summary>Noises a batch and adds its gradients to those in the network.</summary>
    /// <param name="batch">Images and labels on the network's device.</param>
    /// <param name="update">How many updates came before; all that the noise depends on, beside the run's seed.</param>
    /// <returns>The loss, a single number on the device.</returns>
    public Tensor Backward(Batch batch, long update)
    {
        using var scope = NewDisposeScope();
        var seed = _seed.For(update);
        // The noise of the batch comes from here, and after it whatever dropout draws.
        random.manual_seed((long)(seed.For("torch").Value >> 1));
        var noise = randn_like(batch.Images);
        var levels = recipe.Levels.Draw(Uniforms(seed.For("levels"), batch.Images.shape[0]), recipe.Schedule);
        var labels = recipe.Labels is Conditioning.Labelled labelled ? Drop(batch.Labels, labelled, seed.For("labels")) : null;
        return Backward(new(batch.Images, noise, new ExampleWeights(recipe, levels, batch.Images), labels)).MoveToOuterDisposeScope();
    }

    /// <summary>Adds the gradients of one noised batch to those in the network, micro-batch by micro-batch.</summary>
    /// <returns>The loss, a single number on the device.</returns>
    public Tensor Backward(NoisedBatch batch)
    {
        using var scope = NewDisposeScope();
        var (input, target) = (batch.Weights.Input(batch.Clean, batch.Noise), batch.Weights.Target(batch.Clean, batch.Noise));
        var count = input.shape[0];
        var size = MicroBatch is > 0 and var micro ? Min(micro, count) : count;
        var total = zeros_like(batch.Weights.Time[0]);
        for (var first = 0L; first < count; first += size)
        {
            using var part = NewDisposeScope();
            var length = Min(size, count - first);
            Tensor Part(Tensor whole) => whole.narrow(0, first, length);
            Tensor output;
            using (Arithmetic(input.device))
                output = network.call(Part(input), Part(batch.Weights.Time), batch.Labels is null ? null : Part(batch.Labels));
            var loss = (Part(batch.Weights.Weight) * (output - Part(target)).square()).sum() / input.numel();
            loss.backward();
            total.add_(loss.detach());
        }
        return total.MoveToOuterDisposeScope();
    }

    private Autocast? Arithmetic(Device device) =>
        recipe.Precision == Precision.Bfloat16 && Autocast.IsAvailable ? Autocast.To(device.type, ScalarType.BFloat16) : null;

    // Ho and Salimans 2021, Algorithm 1: "c ← ∅ with probability p_uncond".
    private Tensor Drop(Tensor labels, Conditioning.Labelled labelled, Seed seed)
    {
        bool[] dropped = [.. Uniforms(seed, labels.shape[0]).Select(uniform => uniform < labelled.Dropout)];
        return labels.masked_fill(tensor(dropped, device: labels.device), recipe.Network.Labels!.Classes);
    }

    private static double[] Uniforms(Seed seed, long count)
    {
        var uniforms = new double[count];
        for (var index = 0; index < count; index++)
            uniforms[index] = seed.Uniform(index);
        return uniforms;
    }
}

/// <summary>A batch and everything that was drawn for it.</summary>
/// <param name="Clean">x_0, [N, C, H, W].</param>
/// <param name="Noise">ε, of the same shape.</param>
/// <param name="Weights">How they are mixed.</param>
/// <param name="Labels">What the network is told, int64 [N], or null for an unconditional one.</param>
public sealed record NoisedBatch(Tensor Clean, Tensor Noise, ExampleWeights Weights, Tensor? Labels);
