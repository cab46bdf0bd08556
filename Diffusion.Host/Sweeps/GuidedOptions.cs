using Diffusion.Host.Commands;
using Diffusion.Host.Samplers;
using Diffusion.Math.Values;

namespace Diffusion.Host.Sweeps;

/// <summary>What a person asked of the experiment with classifier guidance; null where a run has to be trained first.</summary>
/// <param name="Out">The folder of its results.</param>
/// <param name="Training">How runs are trained that are missing, and where pictures are found.</param>
/// <param name="Settings">How samples are drawn.</param>
public sealed record GuidedOptions(string Out, TrainOptions Training, SampleSettings Settings)
{
    /// <summary>The run of the model.</summary>
    public string? Model { get; init; }

    /// <summary>The run of the classifier.</summary>
    public string? Classifier { get; init; }

    /// <summary>The run of a model that knows labels, sampled with classifier-free guidance of the same scales beside it; null for none.</summary>
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
