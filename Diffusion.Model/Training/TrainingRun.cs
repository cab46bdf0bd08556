using System.Globalization;
using Diffusion.Math.Json;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Distributed;
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
    private readonly TrainingStep _step;
    private readonly BatchGradients _gradients;
    private readonly LossWatch _losses;
    private readonly HeldOutImages _heldOut;
    private bool _isDisposed;

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
        Network.Arrange(recipe.LayoutOn(device.type));
        Network.train();
        Arena = new(Network);
        var sharding = new Sharding(Arena, recipe, World.Current);
        Optimiser = new(sharding, Arena, recipe.Optimiser, recipe.Ema) { Precision = recipe.Precision };
        State = new(Arena, Optimiser, sharding);
        _step = new(recipe, _learner);
        _gradients = new(
            recipe.Length, _step, new(images, new(seed, images.Provenance.Count), recipe.Data.Augmentation, device), Arena, sharding);
        _losses = new(device);
        _heldOut = new(recipe, _learner, heldOut ?? images, device);
        Schedule = new(recipe.Length, images.Provenance.Count);
        // The others, which begin with weights of their own, take these.
        new Order(OrderKind.Train, Text: UnionJson.Write(recipe)).Give(State.Processes);
        FlatVector.Broadcast(Arena.Values, State.Processes);
        Optimiser.BeginAverages();
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

    /// <summary>
    /// What is carried out. Only its micro-batch may differ from what was asked for, where memory was short, and its length, where the run
    /// was renewed.
    /// </summary>
    public Recipe Recipe { get; private set; }

    /// <summary>Where it is carried out.</summary>
    public Device Device { get; }

    /// <summary>The network, in training mode.</summary>
    public nn.Module Network => _learner.Network;

    /// <summary>Its parameters.</summary>
    public ParameterArena Arena { get; }

    /// <summary>Moments and averages.</summary>
    public Optimiser Optimiser { get; }

    /// <summary>The flat vectors of its state, of which other processes may have a part.</summary>
    internal SharedState State { get; }

    /// <summary>Updates made, also before a resume.</summary>
    public long Updates { get; private set; }

    /// <summary>When it is evaluated, and the epoch of an update.</summary>
    public EvaluationSchedule Schedule { get; private set; }

    /// <summary>Whether the weights are those of <see cref="Updates"/> updates: false where something failed within one.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>Images seen, counted with repetition.</summary>
    public long ImagesSeen => Updates * Recipe.Length.Batch;

    /// <summary>Whose targets a distillation learns: needed before its first step, and disposed of with the run.</summary>
    public ITeacher? Teacher
    {
        get => _step.Teacher;
        set => _step.Teacher = value;
    }

    /// <summary>
    /// Called at the end of every phase of every step, for those who take the time; on a GPU they have to wait for it themselves.
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
        new Order(OrderKind.Advance).Give(State.Processes);
        var before = _gradients.AtOnce;
        // Of several processes some may have gone further than others where something fails.
        IsWhole = State.Processes.Size == 1;
        using var loss = Backward(before);
        IsWhole = false;
        Optimiser.Apply(Updates);
        _losses.Add(loss);
        Updates++;
        IsWhole = true;
        if (Updates % StepsBetweenCollections == 0)
            GC.Collect(1);
        PhaseEnded?.Invoke(StepPhase.Update);
        return new(Updates, _gradients.AtOnce == before ? null : new(before, _gradients.AtOnce));
    }

    /// <summary>Goes on by the recipe renewed: with another length, and the same in all that is past.</summary>
    /// <param name="renewed">The recipe, as <see cref="Renewal.Of"/> makes it; all processes take it.</param>
    /// <exception cref="ArgumentException">It is no renewal of this run's recipe from here on.</exception>
    public void GoOnBy(Recipe renewed)
    {
        // Each process passes as many images at once as its memory holds.
        renewed = renewed with { Length = renewed.Length with { MicroBatch = Recipe.Length.MicroBatch } };
        if (!Renewal.Is(renewed, Recipe, Updates))
            throw new ArgumentException($"The recipe is another one than that of the run, renewed at step {Updates}.", nameof(renewed));
        new Order(OrderKind.Renew, Text: UnionJson.Write(renewed)).Give(State.Processes);
        (Recipe, Optimiser.Rate) = (renewed, renewed.Optimiser.Rate);
        Schedule = Schedule with { Length = renewed.Length };
    }

    private Tensor Backward(int atOnce)
    {
        try
        {
            return _gradients.Of(Updates);
        }
        finally
        {
            if (_gradients.AtOnce != atOnce)
                PassAtOnce(_gradients.AtOnce);
        }
    }

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
            var (loss, ofZeros) = _heldOut.Try(_gradients.AtOnce);
            using var first = State.Whole(StateVector.Ema(0));
            var (average, _) = Arena.With(first, () => _heldOut.Try(_gradients.AtOnce));
            var worse = Max(loss, average);
            return new(State.AreFinite() && double.IsFinite(worse) ? worse : null, Training.HeldOutLoss.Worst * ofZeros);
        }
        finally
        {
            Network.train();
        }
    }

    /// <summary>The parameter at which the numbers of a run went wrong, as the end of a sentence; null where none did.</summary>
    /// <remarks>The batch of the last update is passed through once more. Leaves no gradient behind.</remarks>
    public string? FirstBrokenParameter() => BrokenParameter.FirstOf(Arena, () => _gradients.OfAllHere(Max(Updates - 1, 0)));

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
            new Order(OrderKind.Average, average).Give(State.Processes);
            using var values = State.Gathered(StateVector.Ema(average));
            return Arena.With(values, () => use(network));
        }
        finally
        {
            network.train();
            new Order(OrderKind.Done).Give(State.Processes);
        }
    }

    /// <summary>Every small tensor that the rest of the run depends on; all processes have them.</summary>
    internal IEnumerable<(string Name, Tensor Tensor)> Counters =>
    [
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
        new Order(OrderKind.Counters, updates, microBatch.ToString(CultureInfo.InvariantCulture)).Give(State.Processes);
        State.Share(Counters.Select(counter => counter.Tensor));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        new Order(OrderKind.Done).Give(State.Processes);
        _gradients.Dispose();
        State.Dispose();
        Optimiser.Dispose();
        Arena.Dispose();
        _learner.Dispose();
        Teacher?.Dispose();
        _losses.Dispose();
        _heldOut.Dispose();
    }
}
