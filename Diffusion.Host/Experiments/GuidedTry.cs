using Diffusion.Host.Samplers;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Data;

namespace Diffusion.Host.Experiments;

/// <summary>A model and a way of guiding it, at several strengths.</summary>
/// <param name="Method">What guides, in a few words.</param>
/// <param name="Model">The model, which stays the caller's.</param>
/// <param name="Points">The strengths, s of a classifier or s = 1 + w of classifier-free guidance, and how samples are drawn with each.</param>
public sealed record GuidedTry(string Method, TrainedModel Model, Sequence<(double Strength, SampleSettings Settings)> Points)
{
    /// <summary>Looks whether everything fits together, without drawing anything.</summary>
    /// <exception cref="InputException">A setting does not fit the model.</exception>
    public void RefuseUnlessPossible()
    {
        foreach (var point in Points)
            _ = new ModelSampling(Model, point.Settings);
    }
}
