using Diffusion.Math.Predictions;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Sampling;

namespace Diffusion.Host.Sweeps;

/// <summary>One way to sample a model, among others that it is compared with.</summary>
/// <param name="Method">What it belongs together with, such as a sampler's name; a line of the figure.</param>
/// <param name="Guidance">How strongly it is guided; null where that is not varied.</param>
/// <param name="Model">The model, which stays the caller's.</param>
/// <param name="Request">How samples are drawn.</param>
public sealed record Variation(string Method, GuidanceScale? Guidance, TrainedModel Model, SamplingRequest Request)
{
    /// <summary>The classifier of the request, which stays the caller's; null where it asks for none.</summary>
    public TrainedClassifier? Classifier { get; init; }
}

/// <summary>How strongly samples are guided, in the conventions that there are.</summary>
/// <param name="Scale">s: of classifier-free guidance 1 + w, of a classifier its own scale.</param>
/// <param name="W">w of classifier-free guidance; null for a classifier, which has no other convention.</param>
public sealed record GuidanceScale(double Scale, double? W)
{
    /// <summary>Classifier-free guidance of weight w.</summary>
    public static GuidanceScale OfW(double w) => new(1 + w, w);

    /// <summary>Classifier-free guidance of scale s.</summary>
    public static GuidanceScale OfScale(double scale) => new(scale, Round(scale - 1, 12));
}
