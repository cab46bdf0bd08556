using Diffusion.Host.Samplers;
using Diffusion.Model.Checkpoints;

namespace Diffusion.Host.Sweeps;

/// <summary>One way to sample a model, among others that it is compared with.</summary>
/// <param name="Method">What it belongs together with, such as a sampler's name; a line of the figure.</param>
/// <param name="Scale">s of guidance, which is 1 + w without a classifier; null where guidance is not varied.</param>
/// <param name="Model">The model, which stays the caller's.</param>
/// <param name="Settings">How samples are drawn.</param>
public sealed record Variation(string Method, double? Scale, TrainedModel Model, SampleSettings Settings);
