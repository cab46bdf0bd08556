using System.Globalization;
using Diffusion.Math.Predictions;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;

namespace Diffusion.Model.Sampling;

/// <summary>The guidance of a model's samples: the run's own or another one, and what a request makes of it.</summary>
internal static class GuidanceChoice
{
    private const double UsualOfAutoguidance = 1;

    /// <summary>The guidance.</summary>
    /// <param name="model">The model.</param>
    /// <param name="request">What is asked for; labels by name or number.</param>
    /// <param name="names">What the model's labels are called.</param>
    /// <exception cref="InputException">Something that is asked for does not fit the model, or there is no guidance to shape.</exception>
    public static Guidance Of(TrainedModel model, SamplingRequest request, LabelNames names)
    {
        var guidance = Composed(model, request, names, Strength(model, request));
        if (guidance.Innermost is Guidance.None && Shaping(request) is { } shaping)
            throw new InputException(shaping, "no guidance that it could shape", model.Classes is null
                ? "--autoguidance RUN: the model is unconditional" : "a weight w: --guidance W");
        if (request.GuidanceSchedule is { } schedule)
            guidance = new Guidance.Scheduled(guidance, schedule);
        if (request.Projection is { } projection)
            guidance = new Guidance.Projected(guidance, projection);
        if (request.GuidanceInterval is { } interval)
            guidance = new Guidance.Interval(guidance, interval.Low, interval.High);
        return request.GuidanceRescale is { } share ? new Guidance.Rescaled(guidance, share) : guidance;
    }

    /// <summary>Refuses a weaker model that does not answer to the same states and labels.</summary>
    /// <exception cref="InputException">Noise, sizes or classes differ.</exception>
    public static void RefuseUnfit(TrainedModel model, TrainedModel weaker)
    {
        var (own, other) = (model.Recipe, weaker.Recipe);
        if (own.Schedule != other.Schedule)
            throw Mismatch($"a model over the noise schedule {RecipeOutline.TextOf(other.Schedule)}",
                $"one over {RecipeOutline.TextOf(own.Schedule)}, as the sampled model");
        if (own.Network.InputChannels != other.Network.InputChannels)
            throw Mismatch($"a model of {other.Network.InputChannels} channels",
                $"one of {own.Network.InputChannels}, as the sampled model");
        if (model.Shape is { } made && weaker.Shape is { } seen && made != seen)
            throw Mismatch($"a model of images of {seen}", $"one of {made}, as the sampled model makes");
        if (weaker.Classes is { } classes && classes != model.Classes)
            throw Mismatch($"a model of {classes} classes",
                model.Classes is { } known ? $"one of {known}, as the sampled model" : "one without labels");
    }

    private static Guidance Strength(TrainedModel model, SamplingRequest request)
    {
        if (request.Autoguidance is not null)
            return new Guidance.Autoguidance(request.GuidanceW ?? UsualOfAutoguidance);
        if (request.GuidanceW is not { } w)
            return model.Classes is null ? new Guidance.None() : Own(model.Recipe.Evaluation.Guidance, request);
        if (model.Classes is null)
            throw new InputException("guidance", $"w = {Text(w)} (s = {Text(1 + w)})", "none: the model is unconditional");
        if (w != 0)
            RequireUnlabelled(model, "guidance", $"w = {Text(w)} (s = {Text(1 + w)})", "w = 0 (s = 1)");
        return new Guidance.ClassifierFree(w);
    }

    // A schedule that is asked for takes the place of the run's.
    private static Guidance Own(Guidance guidance, SamplingRequest request) =>
        request.GuidanceSchedule is not null && guidance is Guidance.Scheduled scheduled ? scheduled.Inner : guidance;

    private static Guidance Composed(TrainedModel model, SamplingRequest request, LabelNames names, Guidance inner)
    {
        if (request.Composition is not { Count: > 0 } composition)
            return inner;
        if (model.Classes is not { } classes)
            throw new InputException("label", string.Join(", ", composition), "none: the model is unconditional");
        return new Guidance.Composed(inner, composition.Select(Term).ToSequence());

        LabelTerm Term(ComposedLabel one)
        {
            if (one.How != LabelComposition.Blend)
                RequireUnlabelled(model, "label", $"{one}", "labels alone or blended");
            var label = names.LabelOf(one.Label);
            if (label < 0 || label >= classes)
                throw new InputException("label", one.Label, $"one of the model's labels, {names.All}");
            return (one.How, one.Weight) switch
            {
                (LabelComposition.And, var weight) => new LabelTerm.And((int)label, weight ?? 1),
                (LabelComposition.Not, var weight) => new LabelTerm.Not((int)label, weight ?? 1),
                (_, var share) => new LabelTerm.Blend((int)label, share ?? 0.5),
            };
        }
    }

    private static void RequireUnlabelled(TrainedModel model, string what, string found, string expected)
    {
        if (model.Recipe.Network.Labels is { Null: NullLabel.Absent })
            throw new InputException(what, found, $"{expected}: the model was not trained without labels");
    }

    private static string? Shaping(SamplingRequest request) =>
        request.GuidanceInterval is not null ? "guidance interval"
        : request.GuidanceSchedule is not null ? "guidance schedule"
        : request.Projection is not null ? "apg"
        : request.GuidanceRescale is not null ? "guidance rescale"
        : null;

    private static InputException Mismatch(string found, string expected) => new("autoguidance", found, expected);

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The noise levels at which samples are guided. Kynkäänniemi et al. 2024.</summary>
/// <param name="Low">No guidance at or below this Sigma/Alpha; at least 0.</param>
/// <param name="High">No guidance above this Sigma/Alpha; above Low.</param>
public sealed record GuidanceRange(double Low, double High)
{
    /// <summary>No guidance at or below this Sigma/Alpha; at least 0.</summary>
    public double Low { get; init => field = Require.Within(value, 0, High, nameof(Low)); } = Require.Within(Low, 0, High);

    /// <summary>No guidance above this Sigma/Alpha; above Low.</summary>
    public double High { get; init => field = Require.Between(value, Low, double.PositiveInfinity, nameof(High)); } =
        Require.Between(High, Low, double.PositiveInfinity);
}

/// <summary>
/// A weaker model that samples are guided away from. Karras et al. 2024, "Guiding a diffusion model with a bad version of itself".
/// </summary>
/// <param name="Run">Its run folder, or a checkpoint: an earlier one, one with another EMA, or that of a smaller network.</param>
public sealed record AutoguidanceRequest(string Run);

/// <summary>A label beside that of each sample. Liu et al. 2022.</summary>
/// <param name="How">What it does.</param>
/// <param name="Label">Its name or number.</param>
/// <param name="Weight">Above 0, 1 without it; the share of a blend, at most 1 and a half without it.</param>
public sealed record ComposedLabel(LabelComposition How, string Label, double? Weight = null)
{
    /// <summary>Above 0, 1 without it; the share of a blend, at most 1 and a half without it.</summary>
    public double? Weight { get; init => field = Checked(value, How); } = Checked(Weight, How);

    private static double? Checked(double? weight, LabelComposition how) => weight is not { } given ? null
        : how == LabelComposition.Blend ? Require.Within(given, 0, 1, nameof(Weight)) : Require.Positive(given, nameof(Weight));

    /// <inheritdoc/>
    public override string ToString() => $"{How.ToString().ToLowerInvariant()} {Label}";
}

/// <summary>What a label does beside another one.</summary>
public enum LabelComposition
{
    /// <summary>Both at once.</summary>
    And,

    /// <summary>The other one without it.</summary>
    Not,

    /// <summary>Something between them.</summary>
    Blend,
}
