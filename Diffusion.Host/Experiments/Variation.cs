using Diffusion.Host.Samplers;

namespace Diffusion.Host.Experiments;

/// <summary>One way to sample a model, among others that it is compared with.</summary>
/// <param name="Series">What it belongs together with, such as a sampler's name; a line of the figure.</param>
/// <param name="Place">Where it stands on the figure's horizontal axis, such as w; null where that is the number of network calls.</param>
/// <param name="Settings">How samples are drawn.</param>
public sealed record Variation(string Series, double? Place, SampleSettings Settings);
