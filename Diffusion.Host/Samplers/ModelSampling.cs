using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Networks;
using Diffusion.Model.Sampling;
using TorchSharp;

namespace Diffusion.Host.Samplers;

/// <summary>Samples of a trained model, drawn as its recipe says where a person says nothing else.</summary>
public sealed class ModelSampling
{
    private readonly TrainedModel _model;
    private readonly SampleSettings _settings;
    private readonly SamplerPlan _unsteered;

    /// <summary>Settles how to sample.</summary>
    /// <param name="model">The model, which stays the caller's.</param>
    /// <param name="settings">What a person asked for.</param>
    /// <exception cref="InputException">A setting does not fit the model.</exception>
    public ModelSampling(TrainedModel model, SampleSettings settings)
    {
        (_model, _settings) = (model, settings);
        Shape = settings.Side is { } side ? new(model.Recipe.Network.InputChannels, side, side)
            : model.Shape ?? throw new InputException("--side", "nothing, and a model that was trained on pictures of their own size", "the height and width of the pictures");
        settings.Steering?.RefuseUnlessFor(model);
        if (settings.Label is { } label && !(label < (ulong)(Classes ?? 0)))
            throw new InputException("--label", Text(label), Classes is { } classes ? $"one of the {Knowing} labels, 0 to {classes - 1}" : "none: the model knows no labels");
        Seed = settings.Seed ?? model.Recipe.Seed;
        _unsteered = PlanOf(model, settings);
        Run = new(Steered(_unsteered, settings.Steering), model.Recipe.Prediction, new Seed(Seed).For("samples"))
        {
            Guidance = GuidanceOf(model, settings),
            Steering = settings.Steering is { } steering ? new(steering.Classifier.Network, steering.Classifier.Recipe.Prediction) : null,
            Noise = settings.Noise,
            Originals = settings.Originals,
            Precision = model.Recipe.Precision,
            Batch = settings.Batch ?? model.Recipe.Evaluation.Batch,
        };
    }

    /// <summary>How samples are drawn.</summary>
    public SamplingRun Run { get; }

    /// <summary>Sizes of a sample.</summary>
    public ImageShape Shape { get; }

    /// <summary>What the noise follows from.</summary>
    public ulong Seed { get; }

    /// <summary>The sampler and its number of steps.</summary>
    public string Sampler => string.Create(CultureInfo.InvariantCulture, $"{Run.Plan.Name} {Run.Plan.Steps.Count}");

    /// <summary>How many samples make a row in which every class has its column; null where there is one label or none.</summary>
    public int? ClassesInTurn => _settings.Label is null ? Classes : null;

    /// <summary>The model and how it was sampled, in a line that can stand above a picture.</summary>
    public string Title => new RowFacts([("", Provenance().ToSequence())]).Title;

    /// <summary>What a number measured on the samples depends on.</summary>
    public DrawnSamples Drawn => new(
        $"{_model.Recipe.Averages[0]}", PlanHash.Of(Run.Plan), Run.Plan.NetworkCalls, Guided)
    {
        From = new(_model.Recipe.Name, _model.Updates, Sampler, Seed),
    };

    /// <summary>What has to be known to draw the same samples again, as names and texts.</summary>
    public IEnumerable<(string Name, string Text)> Provenance()
    {
        yield return ("recipe", _model.Recipe.Name);
        yield return ("step", Text(_model.Updates));
        yield return ("sampler", Sampler);
        yield return ("plan", PlanHash.Of(Run.Plan));
        yield return ("seed", Text(Seed));
        if (Run.Guidance is not Guidance.None)
            yield return ("guidance", Run.Guidance.ToString());
        foreach (var fact in _settings.Steering?.Facts(_unsteered) ?? [])
            yield return fact;
        if (Classes is not null)
            yield return ("labels", _settings.Label is { } label ? Text(label) : _settings.Labels is null ? "all in turn" : "by row");
    }

    /// <summary>Samples number 0 to <paramref name="count"/> − 1: float32 [count, C, H, W] in [−1, 1] on the CPU.</summary>
    /// <param name="count">How many.</param>
    /// <param name="watch">Called after every step of every batch.</param>
    public torch.Tensor Draw(int count, Action<SampledStep>? watch = null) => DrawFrom(0, count, watch);

    /// <summary>Samples number <paramref name="first"/> to <paramref name="first"/> + <paramref name="count"/> − 1, as <see cref="Draw"/> makes them.</summary>
    /// <param name="first">Number of the first one; at least 0.</param>
    /// <param name="count">How many.</param>
    /// <param name="watch">Called after every step of every batch.</param>
    public torch.Tensor DrawFrom(long first, int count, Action<SampledStep>? watch = null) =>
        (Run with { First = first }).Draw(_model.Network, [Shape.Channels, Shape.Height, Shape.Width], count, Labels, watch);

    // Those of the model, or where it knows none those that a classifier steers to.
    private int? Classes => _model.Classes ?? _settings.Steering?.Classifier.Network.Shape.Classes;

    private string Guided => _settings.Steering is not { } steering ? Run.Guidance.ToString()
        : $"{(Run.Guidance is Guidance.None ? "" : $"{Run.Guidance}, ")}classifier s = {Text(steering.Scale)}";

    private string Knowing => _model.Classes is null ? "classifier's" : "model's";

    private Func<long, long>? Labels => Classes is not { } classes ? null
        : _settings.Label is { } label ? _ => (long)label
        : _settings.Labels is { } labels ? sample => labels(sample) % classes
        : sample => sample % classes;

    private static SamplerPlan PlanOf(TrainedModel model, SampleSettings settings)
    {
        try
        {
            var (schedule, evaluation) = (model.Recipe.Schedule, model.Recipe.Evaluation);
            var choice = settings.Sampler?.Invoke(schedule) ?? new(evaluation.Sampler, evaluation.Grid);
            if (model.Recipe.MisfitOf(choice.Sampler) is not null)
                throw new InputException("sampler", "one that takes its variance from the network", "one whose variance is fixed, such as ddpm: the model has learned none of that kind");
            if (settings.Share < 1)
                choice = choice with { Grid = new TimestepSpacing.Last(choice.Grid, settings.Share) };
            return settings.Rewriting(choice.Plan(schedule));
        }
        catch (ArgumentException misfit)
        {
            throw new InputException("sampler", Misfit.Sentence(misfit), "a sampler and steps that fit the model's schedule", misfit);
        }
    }

    private static SamplerPlan Steered(SamplerPlan plan, SteeringChoice? steering)
    {
        try
        {
            return steering is null ? plan : steering.Steer(plan);
        }
        catch (ArgumentException misfit)
        {
            throw new InputException("--classifier-form", misfit.Message.Split(" (Parameter")[0].TrimEnd('.'), "the other form, or another sampler", misfit);
        }
    }

    private static Guidance GuidanceOf(TrainedModel model, SampleSettings settings)
    {
        if (settings.Guidance is not { } strength)
            return model.Classes is null ? new Guidance.None() : model.Recipe.Evaluation.Guidance;
        if (model.Classes is null)
            throw new InputException("--guidance", $"w = {Text(strength)}", "none: the model knows no labels");
        if (model.Recipe.Network.Labels is { Null: NullLabel.Absent } && strength != 0)
            throw new InputException("--guidance", $"w = {Text(strength)}", "0 (s = 1): the model was not trained without labels");
        return new Guidance.ClassifierFree(strength);
    }

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
