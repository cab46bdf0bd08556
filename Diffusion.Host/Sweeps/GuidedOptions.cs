using Diffusion.Host.Commands;
using Diffusion.Math.Values;
using Diffusion.Model.Sampling;

namespace Diffusion.Host.Sweeps;

/// <summary>What a person asked of the experiment with classifier guidance; null where a run has to be trained first.</summary>
/// <param name="Out">The folder of its results.</param>
/// <param name="Training">How runs are trained that are missing, and where images are found.</param>
/// <param name="Request">How samples are drawn.</param>
public sealed record GuidedOptions(string Out, TrainOptions Training, SamplingRequest Request)
{
    /// <summary>The run of the model.</summary>
    public string? Model { get; init; }

    /// <summary>The run of the classifier.</summary>
    public string? Classifier { get; init; }

    /// <summary>
    /// The run of a model that knows labels, sampled with classifier-free guidance of the same scales beside it; null for none.
    /// </summary>
    public string? Free { get; init; }

    /// <summary>The scales s; 0 is the model without the classifier.</summary>
    public Sequence<double> Scales { get; init; } = [0, 1, 3, 10];

    /// <summary>How the classifier steers; null where the sampler decides.</summary>
    public SteeringForm? Form { get; init; }

    /// <summary>Samples at each scale; at least two of each class.</summary>
    public int Count { get; init; } = 1000;

    /// <summary>Tables of other sweeps that are drawn beside this one.</summary>
    public Sequence<string> Beside { get; init; } = [];
}
