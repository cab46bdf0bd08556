using System.Globalization;
using System.Numerics;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using TorchSharp;

namespace Diffusion.Model.Training;

/// <summary>About how much memory a training takes, computed from its recipe alone.</summary>
/// <param name="State">
/// Bytes of weights, gradients, two moments and the averages, and of the weights of a teacher: there from the first step to the last.
/// </param>
/// <param name="Activations">Bytes that a step keeps for its backward pass; fewer where a batch goes through in parts.</param>
/// <param name="Sampling">Bytes that an evaluation takes for the samples drawn at once.</param>
public readonly record struct MemoryNeed(double State, double Activations, double Sampling)
{
    // Without a backward pass only the inputs of the way up stay, and the work of one block.
    private const double ShareOfSampling = 1.0 / 6;

    // Attention that is computed in pieces takes less.
    private const double BeyondDoubt = 4;

    // On a processor a step takes up to 1.4 times as much, and the process something of its own: of eight runs of the built-in recipes,
    // quick and paper, with batches of 1 to 128, the peak was within 15 % of this.
    private const double OnProcessor = 1.4;
    private const double OfProcess = 0.3e9;
    private const double Room = 2.0 / 3;

    private const int Float = sizeof(float);

    /// <summary>The need of a recipe.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="image">Sizes of one image.</param>
    public static MemoryNeed Of(Recipe recipe, ImageShape image)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var parameters = (double)recipe.Network.Weights();
        var leaf = Max(1, recipe.Length.Batch / recipe.Length.Shards);
        var atOnce = recipe.Length.MicroBatch > 0 ? Min(recipe.Length.MicroBatch, leaf) : leaf;
        var width = recipe.Precision == Precision.Float32 ? Float : Float / 2;
        var evaluation = recipe.Evaluation;
        double drawn = Min(evaluation.Batch, Max(Max(evaluation.Samples, evaluation.FinalSamples), evaluation.GridImages));
        var ofImage = recipe.Network.Activations(image.Height, image.Width);
        // Copies of gradients and momentum, and the results of a round.
        var ofUpdate = recipe.Optimiser.Matrices is MatrixUpdate.Muon ? 4 : 0;
        // Sums of leaves that wait for their neighbours.
        var ofTree = BitOperations.Log2((uint)recipe.Length.Shards);
        // The teacher of a distillation is a network of the same shape. What it computes is gone before the student's step begins.
        var ofTeacher = recipe.Distillation is null ? 0 : 1;
        return new(
            (4 + ofUpdate + ofTree + ofTeacher + recipe.Ema.Count) * parameters * Float, atOnce * ofImage * width,
            drawn * ofImage * ShareOfSampling * Float)
        {
            OfOneImage = ofImage * width,
            OfOneSample = 2.0 * image.Height * image.Width / (recipe.Network.Patch * recipe.Network.Patch)
                * recipe.Network.Levels[0].Channels * width,
            Image = image,
            Batch = recipe.Length.Batch,
            AtOnce = atOnce,
            IsTaught = recipe.Distillation is not null,
        };
    }

    /// <summary>Bytes that a single image at once keeps for its backward pass, the least that a step takes.</summary>
    public double OfOneImage { get; init; }

    /// <summary>The least bytes that a single sample takes: what goes into a convolution of the finest level, and what comes out.</summary>
    public double OfOneSample { get; init; }

    /// <summary>Sizes of an image.</summary>
    public ImageShape Image { get; init; }

    /// <summary>Images of an update.</summary>
    public int Batch { get; init; }

    /// <summary>Images that go through the network at once.</summary>
    public int AtOnce { get; init; }

    /// <summary>Whether a teacher is there too.</summary>
    public bool IsTaught { get; init; }

    /// <summary>All that a step takes.</summary>
    public double Total => State + Activations;

    /// <summary>All that the process of a training takes on a device, from its first step on.</summary>
    /// <param name="device">Where it computes; on a GPU, of the GPU's memory.</param>
    public double TotalOn(DeviceType device) => device == DeviceType.CPU ? OfProcess + OnProcessor * Total : Total;

    /// <summary>Why it cannot be had, as the end of a sentence; null where the state and a single image fit.</summary>
    /// <param name="available">Bytes of the machine or the GPU.</param>
    public string? Refusal(double available) => State > available
        ? $"a training whose weights, gradients, moments and averages{(IsTaught ? ", and its teacher," : "")} take {Size(State)} "
            + $"on a machine with {Size(available)}"
        : OfOneImage > BeyondDoubt * available
        ? $"a training that takes about {Size(OfOneImage)} for a single image of {Image} on a machine with {Size(available)}"
        : null;

    /// <summary>Why not even one sample can be drawn, as the end of a sentence; null where one may fit.</summary>
    /// <param name="available">Bytes of the machine or the GPU.</param>
    public string? RefusalOfSample(double available) => OfOneSample > available
        ? $"a sample that takes at least {Size(OfOneSample)} on a machine with {Size(available)}" : null;

    /// <summary>How many images at once fit beside the state; 0 where not even one does.</summary>
    /// <param name="available">Bytes of the machine or the GPU.</param>
    public int MostAtOnce(double available) => (int)Clamp(Floor((Room * available - State) / Max(OfOneImage, 1)), 0, int.MaxValue);

    /// <summary>
    /// The refusal of a step of too many images at once where nothing else tells of it: a machine whose memory is exhausted ends the
    /// process, without a word. Null where a step fits, or where not even a single image may.
    /// </summary>
    /// <param name="available">Bytes of the machine.</param>
    public InputException? RefusalOfBatch(double available)
    {
        var most = MostAtOnce(available);
        if (Total <= Room * available || most < 1)
            return null;
        var (setting, other) = AtOnce < Batch ? ("length.microBatch", "at most") : ("length.batch", "a batch of at most");
        return new(setting, string.Create(CultureInfo.InvariantCulture,
                $"{AtOnce} images at once, which need about {Size(Total / Room)}; this machine has {Size(available)}"),
            string.Create(CultureInfo.InvariantCulture, $"{other} {most}")
            + (AtOnce < Batch ? "" : string.Create(CultureInfo.InvariantCulture,
                $", or --set length.microBatch={most}, which takes the same step in parts")));
    }

    /// <summary>What is to be feared, in a sentence; null where a step fits.</summary>
    /// <param name="available">Bytes of the machine or the GPU.</param>
    public string? Concern(double available) => Total > available
        ? $"a step may need about {Size(Total)}, {Size(Activations)} of it for the backward pass; available: {Size(available)}; " +
                "use a smaller batch or --set length.microBatch=N"
        : null;

    /// <summary>What is to be feared of an evaluation, in a sentence; null where its samples fit.</summary>
    /// <param name="available">Bytes of the machine or the GPU.</param>
    public string? ConcernOfSampling(double available) => State + Sampling > available
        ? $"an evaluation may need about {Size(State + Sampling)}, {Size(Sampling)} of it for the samples drawn at once; " +
            $"available: {Size(available)}; use --set evaluation.batch=N"
        : null;

    private static string Size(double bytes) =>
        bytes >= 1e12 ? FormattableString.Invariant($"{bytes / 1e12:0.#} TB") : FormattableString.Invariant($"{bytes / 1e9:0.#} GB");
}
