using System.Globalization;
using Diffusion.Math.Noise;
using Diffusion.Math.PlanFiles;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Rewriting;
using Diffusion.Math.Samplers;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Distributed;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using Diffusion.Model.Training;
using TorchSharp;

namespace Diffusion.Model.Sampling;

/// <summary>Samples of a trained model, drawn as its recipe says where a request says nothing else. The one way to them.</summary>
/// <remarks>
/// Sample number k depends on the seed and k alone. All draw from the same stream of the seed, so evaluations and requests make the same
/// samples.
/// </remarks>
public sealed class ModelSampler : IDisposable
{
    /// <summary>The stream of a run's seed that the noise of samples comes from.</summary>
    public const string Stream = "samples";

    // More are no longer a word about a sheet.
    private const int MostNamed = 10;

    private readonly TrainedModel _model;
    private readonly SteeringChoice? _steering;
    private readonly TrainedClassifier? _owned;
    private readonly TrainedModel? _weaker;
    private readonly TrainedModel? _ownedWeaker;
    private readonly SamplerPlan _unguided;
    private readonly SamplingInputs _inputs;

    // Near pure noise a classifier's gradient is divided by alpha, and moves the clean image far out of its range.
    private readonly bool _clipsForClassifier;

    /// <summary>Settles how to sample.</summary>
    /// <param name="model">The model, which stays the caller's.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="inputs">What the request is about and cannot hold.</param>
    /// <exception cref="InputException">A setting does not fit the model, or the request's classifier cannot be opened.</exception>
    public ModelSampler(TrainedModel model, SamplingRequest request, SamplingInputs? inputs = null)
    {
        _inputs = inputs ??= new();
        (_model, Request) = (model, request);
        Shape = request.Size is { } size ? new(model.Recipe.Network.InputChannels, size.Height, size.Width)
            : model.Shape ?? throw new InputException(
                "size", "nothing, and a model that was trained on images of their own size", "the height and width of the images");
        if (request.Size is not null
            && MemoryNeed.Of(model.Recipe, Shape).RefusalOfSample(DeviceMemory.AvailableOn(model.Device)) is { } refusal)
            throw new InputException("size", $"{Shape.Height}×{Shape.Width}", $"smaller images, as this is {refusal}");
        if (request.Edit is not null && inputs.Originals is null)
            throw new InputException("edit", "a request to edit images, and no images", "the images that are edited");
        try
        {
            if (request.Classifier is { } asked)
            {
                _owned = inputs.Classifier is null ? TrainedClassifier.Open(asked.Run, model.Device, inputs.Damaged) : null;
                _steering = new(inputs.Classifier ?? _owned!, asked.Scale, asked.Form);
                _steering.RefuseUnlessFor(model);
                if (request is { Plan: null, Clipping: null }
                    && (request.Sampler ?? model.Recipe.Evaluation.Sampler).Clipping is Clipping.None)
                    (Request, _clipsForClassifier) = (request = request with { Clipping = new Clipping.Clip() }, true);
            }
            if (request.Autoguidance is { } weaker)
            {
                _ownedWeaker = inputs.Weaker is null ? TrainedModel.Open(weaker.Run, model.Device, inputs.Damaged) : null;
                _weaker = inputs.Weaker ?? _ownedWeaker!;
                GuidanceChoice.RefuseUnfit(model, _weaker);
            }
            if (Classes is null && request.Labels is SampleLabels.One or SampleLabels.Named)
                throw new InputException("label", request.Labels.Text, "none: the model is unconditional");
            if (Classes is { } classes && request.Labels is { } labels)
                Request = request = request with { Labels = Numbered(labels, classes) };
            Seed = request.Seed ?? model.Recipe.Seed;
            if (request.Plan is { } planned)
                Request = request = request with { Plan = new PlanChoice.Given(planned.For(model)) };
            (var own, var shown, _unguided) = RequestedPlan.Of(model, request);
            Run = new(RequestedPlan.Guided(_unguided, _steering), model.Recipe.Prediction, new Seed(Seed).For(Stream))
            {
                Guidance = GuidanceChoice.Of(model, request, new(ClassNames, Classes ?? 0)),
                Weaker = _weaker is null ? null : new(_weaker.Network, _weaker.Recipe.Prediction, _weaker.Recipe.Precision),
                Steering = _steering is null ? null : new(_steering.Classifier.Network, _steering.Classifier.Recipe.Prediction),
                Noise = request.Noise ?? new NoiseNumbering.Own(),
                Originals = inputs.Originals,
                Precision = model.Recipe.Precision,
                Batch = request.Batch ?? model.Recipe.Evaluation.Batch,
                First = request.First ?? 0,
            };
            // The plan keeps its name, which its hash depends on.
            var name = Run.Plan.Name.Replace(own, shown, StringComparison.Ordinal);
            Sampler = string.Create(CultureInfo.InvariantCulture, $"{name} {Run.Plan.Steps.Count}");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What was asked for.</summary>
    public SamplingRequest Request { get; }

    /// <summary>The model that is sampled.</summary>
    public TrainedModel Model => _model;

    /// <summary>The model that samples are guided away from; null for none.</summary>
    public TrainedModel? Weaker => _weaker;

    /// <summary>How samples are drawn.</summary>
    public SamplingRun Run { get; }

    /// <summary>Sizes of a sample.</summary>
    public ImageShape Shape { get; }

    /// <summary>What the noise follows from.</summary>
    public ulong Seed { get; }

    /// <summary>The sampler, by the name that asks for it, and its number of steps.</summary>
    public string Sampler { get; }

    /// <summary>How many labels there are: the model's, or where it knows none those that a classifier guides to; null for none.</summary>
    public int? Classes => _model.Classes ?? _steering?.Classifier.Network.Shape.Classes;

    /// <summary>What the labels are called, in their order; empty where nobody knows.</summary>
    public Sequence<string> ClassNames =>
        (_model.Classes is null ? _steering?.Classifier.Recipe : _model.Recipe)?.Data.ClassNames is { } names && names.Count == Classes
            ? names : [];

    /// <summary>The labels that follow one another from sample to sample, that of the first sample first; null where they do not.</summary>
    public Sequence<long>? LabelsInTurn
    {
        get
        {
            var count = (Request.Labels ?? new SampleLabels.InTurn()) switch
            {
                SampleLabels.InTurn { Each: 1 } => Classes,
                SampleLabels.Listed { Labels: var listed } when Classes is not null && listed.Distinct().Count() == listed.Count =>
                    listed.Count,
                _ => null,
            };
            return count is { } labels ? Sequence.Generate(labels, place => LabelOf(Run.First + place)!.Value) : null;
        }
    }

    /// <summary>Guidance of both kinds, in words.</summary>
    public string GuidanceText
    {
        get
        {
            var free = _weaker is null ? Run.Guidance.ToString() : $"{Run.Guidance}, away from {WeakerText}";
            return _steering is null ? free
                : $"{(Run.Guidance is Guidance.None ? "" : $"{free}, ")}classifier s = {Text(_steering.Scale)}";
        }
    }

    /// <summary>What a person should know before samples are drawn, in sentences; usually nothing.</summary>
    public IEnumerable<string> Concerns
    {
        get
        {
            var levels = _unguided.Steps.SelectMany(step => step.Instructions).Select(PlanFit.LevelOf).OfType<NoiseLevel>().ToList();
            if (Request.GuidanceInterval is { } interval && levels.All(level => Run.Guidance.WeightsAt(level).Strength == 0))
                yield return string.Create(CultureInfo.InvariantCulture,
                    $"guidance acts at no step: none is at {interval.Low} < sigma/alpha <= {interval.High}; the steps are at ")
                    + string.Create(CultureInfo.InvariantCulture,
                    $"{levels.Min(level => level.Marginal.NoiseToSignal):G3} to {levels.Max(level => level.Marginal.NoiseToSignal):G3}");
            if (_model.Recipe.Distillation is { } student && !IsOf(student))
                yield return $"a model distilled to {Counted.Of(student.Spacing.Over(_model.Recipe.Schedule).Count, "call")} of ddim has "
                    + "learnt these steps and its teacher's guidance; other steps or guidance are out of its range";
            if (Request is { Plan: PlanChoice.Given { Plan: var whole }, Edit: { } edit }
                && RequestedPlan.FirstStepOf(whole, edit) is > 0 and var first && whole.StepsWithoutMemory(first) is > 0 and var without)
                yield return string.Create(CultureInfo.InvariantCulture,
                    $"{whole.Name} remembers earlier steps, and the edit begins at step {first + 1} of {whole.Steps.Count}: ")
                    + $"{Counted.Of(without, "step")} of lower order, as where sampling begins";
        }
    }

    /// <summary>How often the network is asked for so many samples.</summary>
    public long NetworkCallsFor(int count) => (long)((count + Run.Batch - 1) / Run.Batch) * Run.Plan.NetworkCalls;

    /// <summary>The label of a sample by its number; null where samples have none.</summary>
    public long? LabelOf(long sample) =>
        Classes is { } classes ? (Request.Labels ?? new SampleLabels.InTurn()).LabelOf(sample, classes) : null;

    /// <summary>What a label is called; its number where nobody knows.</summary>
    public string NameOf(long label) => new LabelNames(ClassNames, Classes ?? 0).NameOf(label);

    /// <summary>What has to be known to draw the same samples again, as names and texts.</summary>
    public IEnumerable<(string Name, string Text)> Provenance()
    {
        yield return ("recipe", _model.Recipe.Name);
        yield return ("step", Text(_model.Updates));
        yield return ("sampler", Sampler);
        yield return ("plan", PlanHash.Of(Run.Plan));
        yield return ("seed", Text(Seed));
        if (Run.First > 0)
            yield return ("first", Text(Run.First));
        if (Run.Guidance is not Guidance.None)
            yield return ("guidance", Run.Guidance.ToString());
        if (_weaker is not null)
            yield return ("weaker model", WeakerText);
        foreach (var fact in _steering?.Facts(_unguided) ?? [])
            yield return fact;
        if (_clipsForClassifier)
            yield return ("clipping", "x_0 to [-1, 1], for a classifier moves it far at the noisiest levels; none where that is asked for");
        if (Classes is { } classes)
            yield return ("labels", LabelsText(Request.Labels ?? new SampleLabels.InTurn(), new(ClassNames, classes)));
    }

    /// <summary>Samples: float32 [count, C, H, W] in [−1, 1] on the CPU.</summary>
    /// <param name="count">How many, from the request's first number on; at least 1.</param>
    /// <param name="watch">Receives the progress, and may cancel it.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public torch.Tensor Draw(int count, SamplingWatch? watch = null) => SampleBatch.Together(Batches(count, watch));

    /// <summary>The same samples a batch at a time: memory does not grow with their number. The caller disposes of each batch.</summary>
    /// <param name="count">How many, from the request's first number on; at least 1.</param>
    /// <param name="watch">Receives the progress, and may cancel it.</param>
    /// <exception cref="OperationCanceledException">It was stopped; batches before are whole.</exception>
    public IEnumerable<SampleBatch> Batches(int count, SamplingWatch? watch = null) => Batches(new SampleRange(Run.First, count), watch);

    /// <summary>Samples of other numbers than the request's, a batch at a time. The caller disposes of each batch.</summary>
    /// <param name="range">Which samples.</param>
    /// <param name="watch">Receives the progress, and may cancel it.</param>
    /// <exception cref="OperationCanceledException">It was stopped; batches before are whole.</exception>
    public IEnumerable<SampleBatch> Batches(SampleRange range, SamplingWatch? watch = null) => SharedFor(range, watch) is { } shared
        ? Shared(shared, range, Reporting(range, watch, shared.AtOnce))
        : (Run with { First = range.First }).Batches(_model.Network, Sizes, range.Count, Labels, Reporting(range, watch, _ => 1));

    /// <summary>Draws a process's share of samples that rank 0 asks for.</summary>
    /// <param name="count">How many there are in all.</param>
    /// <param name="stopping">Ends the work early.</param>
    internal void Follow(int count, CancellationToken stopping) =>
        new SharedSampling(World.Current, count, Run.Batch, Sizes)
            .Follow(first => Part(new(Run.First, count), first, _ => stopping.ThrowIfCancellationRequested()));

    // What is in memory here, or watches every step, the others do not have.
    private SharedSampling? SharedFor(SampleRange range, SamplingWatch? watch) =>
        World.Current.HasFollowers() && range.Count > Run.Batch && watch?.Step is null && _inputs.Originals is null
            ? new(World.Current, range.Count, Run.Batch, Sizes)
            {
                Asked = new SharedDraw(_model.Checkpoint, Request with { First = range.First }).ToText(),
            } : null;

    private IEnumerable<SampleBatch> Shared(SharedSampling shared, SampleRange range, Action<SampledStep> report) =>
        shared.Lead(first => Part(range, first, report)).Select(batch => batch with { First = range.First + batch.First });

    private torch.Tensor Part(SampleRange range, long first, Action<SampledStep> watch) =>
        (Run with { First = range.First + first })
            .Draw(_model.Network, Sizes, (int)Min(Run.Batch, range.Count - first), Labels, watch);

    /// <inheritdoc/>
    public void Dispose()
    {
        _owned?.Dispose();
        _ownedWeaker?.Dispose();
    }

    // Whether samples are drawn as the student was trained.
    private bool IsOf(DistillationRecipe student) => Run.Guidance is Guidance.None or Guidance.ClassifierFree { W: 0 }
        && Request.Edit is null
        && _unguided.Steps.Select(step => step.From).SequenceEqual(student.Spacing.Over(_model.Recipe.Schedule).Select(step => step.From))
        && _unguided.NetworkCalls == _unguided.Steps.Count;

    private string WeakerText => string.Create(CultureInfo.InvariantCulture,
        $"{_weaker!.Recipe.Name}, step {_weaker.Updates}{(_weaker.WeightsSha256 is { } hash ? $", weights {hash[..12]}" : "")}");

    private long[] Sizes => [Shape.Channels, Shape.Height, Shape.Width];

    private Func<long, long>? Labels => Classes is null ? null : sample => LabelOf(sample)!.Value;

    private string Knowing => _model.Classes is null ? "classifier's" : "model's";

    private string LabelsText(SampleLabels labels, LabelNames names) => labels switch
    {
        SampleLabels.One { Label: var label } => names.NameOf(label),
        SampleLabels.Listed { Labels: { Count: <= MostNamed } listed } when LabelsInTurn is not null =>
            string.Join(", ", listed.Select(names.NameOf)),
        _ => labels.Text,
    };

    private SampleLabels Numbered(SampleLabels labels, int classes)
    {
        var numbered = labels.Numbered(ClassNames, classes);
        return numbered.Beyond(classes) is { } label
            ? throw new InputException("label", Text(label), $"one of the {Knowing} labels, {new LabelNames(ClassNames, classes).All}")
            : numbered;
    }

    // Other processes may draw batches at the same time as this one.
    private Action<SampledStep> Reporting(SampleRange range, SamplingWatch? watch, Func<long, int> batchesAtOnce)
    {
        var (done, total) = (0L, NetworkCallsFor(range.Count));
        return moment =>
        {
            watch?.Stopping.ThrowIfCancellationRequested();
            watch?.Step?.Invoke(moment);
            // Where memory was short a batch is drawn in parts, and the network is asked more often than was foreseen.
            done = Min(done + batchesAtOnce(moment.First - range.First) * Run.Plan.Steps[moment.Index].NetworkCalls, total);
            watch?.Progress?.Report(new(done, total));
        };
    }

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
