using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>
/// One batch to gradients: images are noised as in Ho et al. 2020, Algorithm 1, for any schedule, and the learner's loss is passed
/// back.
/// </summary>
/// <remarks>
/// All randomness of a step follows from the run's seed and the step's number, so nothing random has to be saved to resume.
/// </remarks>
/// <param name="recipe">What is trained.</param>
/// <param name="learner">The network, its gradients gathered by an arena.</param>
public sealed class TrainingStep(Recipe recipe, Learner learner)
{
    private readonly Seed _seed = new Seed(recipe.Seed).For("update");
    private readonly MaskSeeds _masks = MaskSeeds.Of(learner.Network, new Seed(recipe.Seed).For("dropout"));

    /// <summary>
    /// Images that pass through the network at once; 0 for the whole batch. What is drawn does not depend on it, but for dropout.
    /// </summary>
    public int MicroBatch { get; set; } = recipe.Length.MicroBatch;

    /// <summary>Whose targets a distillation learns instead of the images; null for any other training.</summary>
    public ITeacher? Teacher { get; set; }

    /// <summary>Called at the end of every phase but the update.</summary>
    public Action<StepPhase>? PhaseEnded { get; set; }

    /// <summary>Noises a batch and adds its gradients to those in the network.</summary>
    /// <param name="batch">Images and labels on the network's device.</param>
    /// <param name="update">How many updates came before; all that the noise depends on, beside the run's seed.</param>
    /// <returns>The loss, a single number on the device.</returns>
    public Tensor Backward(Batch batch, long update) => Backward(batch, update, BatchLeaf.Whole);

    /// <summary>The same of a part of a batch; its loss and its gradients are its share in those of the whole.</summary>
    /// <param name="images">Images and labels of the part.</param>
    /// <param name="update">How many updates came before.</param>
    /// <param name="leaf">Which part it is; beside seed and update all that its noise depends on.</param>
    /// <returns>The loss, a single number on the device.</returns>
    public Tensor Backward(Batch images, long update, BatchLeaf leaf)
    {
        using var scope = NewDisposeScope();
        var (seed, count) = (_seed.For(update), (int)images.Images.shape[0]);
        var first = leaf.Index * count;
        _masks.Begin(leaf.Of(seed.For("dropout")));
        var noise = SeededNoise.Like(images.Images, leaf.Of(seed.For("torch")));
        var levels = recipe.LevelsOf(seed.For("levels").Uniforms(leaf.Count * count))[first..(first + count)];
        var labels = learner.Labels(images.Labels, seed.For("labels"), first);
        var noised = new NoisedBatch(images.Images, noise, new ExampleWeights(recipe, levels, images.Images), labels);
        if (recipe.Distillation is not null)
            noised = (Teacher ?? throw new InvalidOperationException("A distillation needs its teacher.")).Taught(noised, levels);
        PhaseEnded?.Invoke(StepPhase.Data);
        return Backward(noised, leaf.Count * count).MoveToOuterDisposeScope();
    }

    /// <summary>Adds the gradients of one noised batch to those in the network, micro-batch by micro-batch.</summary>
    /// <returns>The loss, a single number on the device.</returns>
    public Tensor Backward(NoisedBatch batch) => Backward(batch, batch.Count);

    private Tensor Backward(NoisedBatch batch, long whole)
    {
        using var scope = NewDisposeScope();
        var size = MicroBatch is > 0 and var micro ? Min(micro, batch.Count) : batch.Count;
        var total = zeros_like(batch.Weights.Time[0]);
        for (var first = 0L; first < batch.Count; first += size)
        {
            using var part = NewDisposeScope();
            var loss = learner.Loss(batch.Part(first, Min(size, batch.Count - first)), whole);
            PhaseEnded?.Invoke(StepPhase.Forward);
            loss.backward();
            total.add_(loss.detach(), Number.One);
            PhaseEnded?.Invoke(StepPhase.Backward);
        }
        return total.MoveToOuterDisposeScope();
    }
}

/// <summary>What a training step does one after another; forward and backward alternate where a batch passes in parts.</summary>
public enum StepPhase
{
    /// <summary>Images are gathered, mirrored and noised, and a teacher is asked where there is one.</summary>
    Data,

    /// <summary>The network and the loss.</summary>
    Forward,

    /// <summary>The gradients.</summary>
    Backward,

    /// <summary>Clipping, Adam, the averages, zeroing, and the counters of the report.</summary>
    Update,
}
