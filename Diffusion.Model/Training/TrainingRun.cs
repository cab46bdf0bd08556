using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>A recipe being carried out: the network, its optimiser, and how far they have come.</summary>
public sealed class TrainingRun : IDisposable
{
    // Every number that is handed to libtorch leaves a few dozen bytes there until the garbage collector comes by. It knows nothing of
    // them, and on
    // a processor with a large cache it would first let tens of megabytes gather. Each visit takes 3 to 7 ms: 0.3 % of the smallest
    // network's time.
    private const int StepsBetweenCollections = 100;

    private readonly Learner _learner;
    private readonly Batches _batches;
    private readonly TrainingStep _step;
    private readonly LossWatch _losses;
    private readonly HeldOutImages _heldOut;

    /// <summary>A run before its first update.</summary>
    /// <param name="recipe">What is carried out.</param>
    /// <param name="images">The images it is trained on.</param>
    /// <param name="device">Where.</param>
    /// <param name="heldOut">
    /// Images that are held out; without them it is tried on images it is trained on, with noise it never sees.
    /// </param>
    /// <exception cref="ArgumentException">Recipe and images do not fit together.</exception>
    public TrainingRun(Recipe recipe, IImageSource images, Device device, IImageSource? heldOut = null)
        : this(recipe, Learner.Of(recipe, new Seed(recipe.Seed).For("weights")), images, device, heldOut)
    {
    }

    // Before the arena takes the parameters, where all averages begin.
    private TrainingRun(
        Recipe recipe, Learner learner, IImageSource images, Device device, IImageSource? heldOut, Action<nn.Module>? begin = null)
    {
        (Recipe, Device, _learner) = (recipe, device, learner);
        var seed = new Seed(recipe.Seed);
        if (_learner.Mismatch(images.Provenance) is { } mismatch)
        {
            _learner.Dispose();
            throw new ArgumentException(mismatch);
        }
        try
        {
            begin?.Invoke(Network);
        }
        catch
        {
            _learner.Dispose();
            throw;
        }
        Network.to(device);
        Network.Arrange(recipe.Layout, device);
        Network.train();
        Arena = new(Network);
        Optimiser = new(Arena, recipe.Optimiser, recipe.Ema);
        _batches = new(images, new(seed, images.Provenance.Count), recipe.Data.Augmentation, device);
        _step = new(recipe, _learner);
        _losses = new(device);
        _heldOut = new(recipe, _learner, heldOut ?? images, device);
        Schedule = new(recipe.Length, images.Provenance.Count);
    }

    /// <summary>A run before its first update, whose weights are drawn and then replaced where there are others.</summary>
    /// <param name="recipe">What is carried out.</param>
    /// <param name="data">The images it is trained on, and those held out.</param>
    /// <param name="device">Where.</param>
    /// <param name="begin">Replaces weights of the network, in float32 on the CPU; every average begins with them.</param>
    /// <exception cref="ArgumentException">Recipe and images do not fit together.</exception>
    internal static TrainingRun Beginning(Recipe recipe, TrainingData data, Device device, Action<nn.Module>? begin) =>
        new(recipe, Learner.Of(recipe, new Seed(recipe.Seed).For("weights")), data.Train, device, data.Test, begin);

    /// <summary>A run whose weights are zeros, for a checkpoint to replace them all: none are drawn in vain.</summary>
    /// <param name="recipe">What is carried out.</param>
    /// <param name="images">The images it is trained on.</param>
    /// <param name="device">Where.</param>
    /// <param name="heldOut">Images that are held out, or null.</param>
    /// <exception cref="ArgumentException">Recipe and images do not fit together.</exception>
    public static TrainingRun Unfilled(Recipe recipe, IImageSource images, Device device, IImageSource? heldOut = null) =>
        new(recipe, Learner.Of(recipe, (Seed?)null), images, device, heldOut);

    /// <summary>What is carried out. Only its micro-batch may differ from what was asked for: where memory was short.</summary>
    public Recipe Recipe { get; private set; }

    /// <summary>Where it is carried out.</summary>
    public Device Device { get; }

    /// <summary>The network, in training mode.</summary>
    public nn.Module Network => _learner.Network;

    /// <summary>Its parameters.</summary>
    public ParameterArena Arena { get; }

    /// <summary>Moments and averages.</summary>
    public Optimiser Optimiser { get; }

    /// <summary>Updates made, also before a resume.</summary>
    public long Updates { get; private set; }

    /// <summary>When it is evaluated, and the epoch of an update.</summary>
    public EvaluationSchedule Schedule { get; }

    /// <summary>Whether the weights are those of <see cref="Updates"/> updates: false where something failed within one.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>Images seen, counted with repetition.</summary>
    public long ImagesSeen => Updates * Recipe.Length.Batch;

    /// <summary>
    /// Told of the end of every phase of every step, for those who take the time; on a GPU they have to wait for it themselves.
    /// </summary>
    public Action<StepPhase>? PhaseEnded
    {
        get => _step.PhaseEnded;
        set => _step.PhaseEnded = value;
    }

    /// <summary>Makes one update. Does not wait for the device.</summary>
    /// <remarks>
    /// Where memory does not suffice, the step is made anew with half as many images at once, and so are all that follow: the update is
    /// still that of the whole batch. The outcome says so, and <see cref="Recipe"/> holds what was found.
    /// </remarks>
    /// <returns>What should be known of the update.</returns>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">Memory does not suffice even for one image.</exception>
    public StepOutcome Advance()
    {
        var before = AtOnce;
        using var batch = _batches.Take(ImagesSeen, Recipe.Length.Batch);
        using var loss = Backward(batch);
        IsWhole = false;
        Optimiser.Apply(Updates);
        _losses.Add(loss);
        Updates++;
        IsWhole = true;
        if (Updates % StepsBetweenCollections == 0)
            GC.Collect(1);
        PhaseEnded?.Invoke(StepPhase.Update);
        return new(Updates, AtOnce == before ? null : new(before, AtOnce));
    }

    private Tensor Backward(Batch batch)
    {
        while (true)
        {
            try
            {
                return _step.Backward(batch, Updates);
            }
            catch (Exception shortage) when (OutOfMemory.IsMeantBy(shortage) && AtOnce > 1)
            {
                // Of the parts that did pass.
                Arena.Gradients.zero_();
                PassAtOnce((AtOnce + 1) / 2);
            }
        }
    }

    private int AtOnce => Recipe.Length is { MicroBatch: > 0 } length ? Min(length.MicroBatch, length.Batch) : Recipe.Length.Batch;

    private void PassAtOnce(int images)
    {
        Recipe = Recipe with { Length = Recipe.Length with { MicroBatch = images } };
        _step.MicroBatch = images;
    }

    /// <summary>How training has gone in the epoch so far. Waits for the device.</summary>
    public TrainingReport Look()
    {
        using var scope = NewDisposeScope();
        var losses = _losses.Epoch.cpu().data<double>();
        var skipped = Optimiser.Skipped.cpu().data<long>();
        return new(
            Updates, ImagesSeen, losses[0] / Max(losses[1], 1), Optimiser.GradientNorm.to(float64).item<double>(),
            Recipe.Optimiser.Rate.At(Max(Updates - 1, 0)), skipped[1], skipped[0])
        {
            Spikes = (long)_losses.Usual[3].item<double>(),
        };
    }

    /// <summary>How training went in the epoch that ends here; the next one begins. Waits for the device.</summary>
    public TrainingReport CloseEpoch()
    {
        var report = Look();
        _losses.Begin();
        return report;
    }

    /// <summary>How training went in the steps since the last call; the next interval begins. Waits for the device.</summary>
    public TrainingInterval CloseInterval()
    {
        using var scope = NewDisposeScope();
        var numbers = cat([_losses.Interval, Optimiser.GradientNorm.to(float64).reshape(1)]).cpu().data<double>();
        _losses.BeginInterval();
        return new(Updates, ImagesSeen, numbers[0] / numbers[1], numbers[2], Recipe.Optimiser.Rate.At(Max(Updates - 1, 0)));
    }

    /// <summary>
    /// Tries the weights, and their first average, on images that are held out. Training is left as it is; waits for the device.
    /// </summary>
    public HeldOutLoss HeldOutLoss()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        Network.eval();
        try
        {
            var (loss, ofZeros) = _heldOut.Try(AtOnce);
            var (average, _) = Arena.With(Optimiser.Ema[0], () => _heldOut.Try(AtOnce));
            var worse = Max(loss, average);
            return new(double.IsFinite(worse) && AreFinite ? worse : null, Training.HeldOutLoss.Worst * ofZeros);
        }
        finally
        {
            Network.train();
        }
    }

    private bool AreFinite => Optimiser.Ema.Append(Arena.Values).Append(Optimiser.State.FirstMoment).Append(Optimiser.State.SecondMoment)
        .All(numbers => numbers.isfinite().all().item<bool>());

    /// <summary>The parameter at which the numbers of a run went wrong, as the end of a sentence; null where none did.</summary>
    /// <remarks>
    /// The first one that is not finite itself. Else the batch of the last update is passed through once more: gradients flow from the loss
    /// towards the input, so of parameters without a finite one it is that nearest to the loss; and where none has one, since the loss is
    /// not finite itself, that with the largest number. Leaves no gradient behind.
    /// </remarks>
    public string? FirstBrokenParameter()
    {
        using var scope = NewDisposeScope();
        bool IsBroken(ParameterSlice slice, Tensor numbers) => !slice.Of(numbers).isfinite().all().item<bool>();
        if (Arena.Slices.FirstOrDefault(slice => IsBroken(slice, Arena.Values)) is { } lost)
            return $"{lost.Name} is not finite";
        var update = Max(Updates - 1, 0);
        using var batch = _batches.Take(update * Recipe.Length.Batch, Recipe.Length.Batch);
        _step.Backward(batch, update);
        var broken = Arena.Slices.Where(slice => IsBroken(slice, Arena.Gradients)).OrderBy(slice => Depth(slice.Name)).ToList();
        Arena.Gradients.zero_();
        if (broken.Count < Arena.Slices.Count)
            return broken.Count == 0 ? null : $"the gradient of {broken[^1].Name} is not finite";
        var (largest, size) = Arena.Slices.Select(slice => (slice.Name, Size: slice.Of(Arena.Values).detach().abs().max().item<float>()))
            .MaxBy(slice => slice.Size);
        return string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"the loss is not finite, and the largest weight is {size:0.##E+0} in {largest}");
    }

    // The parts of a U-Net in the order in which an image passes them, which is not that of its parameters.
    private static int Depth(string name) => name.Split('.')[0] switch
    {
        "mid_block" => 1,
        "up_blocks" => 2,
        "conv_norm_out" or "conv_out" => 3,
        _ => 0,
    };

    /// <summary>Runs <paramref name="use"/> with an average of the weights in the network, in evaluation mode.</summary>
    /// <param name="average">Which of the recipe's averages.</param>
    /// <param name="use">What is done with the network.</param>
    /// <typeparam name="TNetwork">The network that the recipe's goal is about.</typeparam>
    /// <typeparam name="T">The result.</typeparam>
    /// <exception cref="InvalidCastException">The recipe trains another kind of network.</exception>
    public T WithEma<TNetwork, T>(int average, Func<TNetwork, T> use)
        where TNetwork : nn.Module
    {
        var network = (TNetwork)Network;
        network.eval();
        try
        {
            return Arena.With(Optimiser.Ema[average], () => use(network));
        }
        finally
        {
            network.train();
        }
    }

    /// <summary>Every tensor that the rest of the run depends on, beside the weights and their averages.</summary>
    internal IEnumerable<(string Name, Tensor Tensor)> Counters =>
    [
        ("moment.first", Optimiser.State.FirstMoment),
        ("moment.second", Optimiser.State.SecondMoment),
        ("updates", Optimiser.State.Updates),
        ("skipped", Optimiser.Skipped),
        ("gradient.norm", Optimiser.GradientNorm),
        ("losses", _losses.Epoch),
        (UsualLoss, _losses.Usual),
        (IntervalLoss, _losses.Interval),
    ];

    private const string UsualLoss = "losses.usual";
    private const string IntervalLoss = "losses.interval";

    /// <summary>Counters that checkpoints of earlier versions lack; they then begin anew.</summary>
    internal static Sequence<string> LaterCounters { get; } = [UsualLoss, IntervalLoss];

    /// <summary>Continues after an update, the tensors having been restored, with as many images at once as before.</summary>
    internal void ContinueFrom(long updates, int microBatch)
    {
        Updates = Require.AtLeast(updates, 0);
        PassAtOnce(microBatch);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Optimiser.Dispose();
        Arena.Dispose();
        _learner.Dispose();
        _losses.Dispose();
        _heldOut.Dispose();
    }
}

/// <summary>What should be known of an update.</summary>
/// <param name="Updates">Updates made in the whole run.</param>
/// <param name="Reduced">What memory was too short for; null where it sufficed.</param>
public readonly record struct StepOutcome(long Updates, MicroBatchReduction? Reduced);

/// <summary>Fewer images pass through the network at once from now on; updates are those of the same batches.</summary>
/// <param name="From">As many did before.</param>
/// <param name="To">As many do now.</param>
public readonly record struct MicroBatchReduction(int From, int To);

/// <summary>How training went in a few steps.</summary>
/// <param name="Updates">Updates made in the whole run.</param>
/// <param name="Images">Images seen in the whole run, with repetition.</param>
/// <param name="Loss">Mean of their losses that are finite; not a number where none is.</param>
/// <param name="GradientNorm">Global norm of the last update's gradients, before clipping.</param>
/// <param name="Rate">Learning rate of the last update.</param>
public sealed record TrainingInterval(long Updates, long Images, double Loss, double GradientNorm, double Rate);

/// <summary>How training went in an epoch, or a part of one.</summary>
/// <param name="Updates">Updates made in the whole run.</param>
/// <param name="Images">Images seen in the whole run, with repetition.</param>
/// <param name="Loss">Mean loss in the epoch.</param>
/// <param name="GradientNorm">Global norm of the last update's gradients, before clipping.</param>
/// <param name="Rate">Learning rate of the last update.</param>
/// <param name="Skipped">Updates skipped in the whole run because a gradient was not finite.</param>
/// <param name="SkippedInARow">How many of them were the latest ones.</param>
public sealed record TrainingReport(
    long Updates, long Images, double Loss, double GradientNorm, double Rate, long Skipped, long SkippedInARow)
{
    /// <summary>Updates of the epoch whose loss stood out, as <see cref="LossWatch"/> defines it.</summary>
    public long Spikes { get; init; }
}
