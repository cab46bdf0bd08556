using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.FeatureNetworks;

/// <summary>Trains a small feature network to tell classes apart; its features are then frozen and images are compared by them.</summary>
/// <remarks>Adam with decoupled weight decay, the learning rate rising for a tenth of the steps and then falling linearly to 0.</remarks>
public sealed record FeatureTraining
{
    private const double WarmUp = 0.1;
    private const int ReportEvery = 50;

    /// <summary>Images in a batch.</summary>
    public int BatchSize { get; init => field = Require.AtLeast(value, 2); } = 128;

    /// <summary>Times that every image is seen.</summary>
    public int Epochs { get; init => field = Require.AtLeast(value, 1); } = 8;

    /// <summary>The highest learning rate.</summary>
    public double LearningRate { get; init => field = Require.Positive(value); } = 3e-3;

    /// <summary>Decoupled weight decay.</summary>
    public double WeightDecay { get; init => field = Require.NonNegative(value); } = 0.01;

    /// <summary>Pixels that a batch is moved by at most, in each direction.</summary>
    public int Shift { get; init => field = Require.AtLeast(value, 0); } = 2;

    /// <summary>Whether images are mirrored.</summary>
    public Augmentation Augmentation { get; init; }

    /// <summary>All that is drawn follows from this.</summary>
    public Seed Seed { get; init; } = new(1);

    /// <summary>How many updates are made on so many images.</summary>
    public int Steps(int images) => Max(1, (int)((long)images * Epochs / BatchSize));

    /// <summary>Trains a network from its first weights.</summary>
    /// <param name="shape">The network.</param>
    /// <param name="images">Labelled images of the shape it takes.</param>
    /// <param name="progress">Called with the loss now and then.</param>
    /// <param name="cancel">Ends the training early, with an exception.</param>
    /// <returns>The weights; the caller disposes them.</returns>
    public NetworkWeights Run(
        FeatureNetworkShape shape, IImageSource images, IProgress<FeatureTrainingProgress> progress, CancellationToken cancel)
    {
        var weights = NetworkWeights.Initial(shape, Seed.For("weights"));
        try
        {
            Train(weights, images, progress, cancel);
            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    private void Train(NetworkWeights weights, IImageSource images, IProgress<FeatureTrainingProgress> progress, CancellationToken cancel)
    {
        var network = new FeatureNetwork(weights, new PlainConvolver(weights.Tensors, BatchStatistics.OfTheBatch));
        var batches = new Batches(images, new DataOrder(Seed, images.Provenance.Count), Augmentation, CPU);
        using var optimiser = new ParameterAdam(weights.Learned, WeightDecay);
        var steps = Steps(images.Provenance.Count);
        for (var step = 0; step < steps; step++)
        {
            cancel.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var batch = batches.Take((long)step * BatchSize, BatchSize);
            optimiser.Forget();
            var loss = functional.cross_entropy(network.Run(Move(batch.Images, step)).Logits, batch.Labels);
            loss.backward();
            optimiser.Step(RateAt(step, steps));
            if (step % ReportEvery == 0 || step == steps - 1)
                progress.Report(new(step + 1, steps, loss.item<float>()));
        }
    }

    private double RateAt(int step, int steps)
    {
        var done = (step + 0.5) / steps;
        return LearningRate * Min(done / WarmUp, (1 - done) / (1 - WarmUp));
    }

    // What is moved in at the border is the border's own pixel.
    private Tensor Move(Tensor images, int step)
    {
        if (Shift == 0)
            return images;
        var (draws, range) = (Seed.For("shift").For(step), 2 * Shift + 1);
        var padded = functional.pad(images, [Shift, Shift, Shift, Shift], PaddingModes.Replicate);
        return padded
            .narrow(2, (long)(draws.Uniform(0) * range), images.shape[2])
            .narrow(3, (long)(draws.Uniform(1) * range), images.shape[3]);
    }
}

/// <summary>How far the training of a feature network is.</summary>
/// <param name="Step">Updates made.</param>
/// <param name="Steps">Updates to make.</param>
/// <param name="Loss">Cross-entropy of the latest batch, in nats.</param>
public readonly record struct FeatureTrainingProgress(int Step, int Steps, double Loss);
