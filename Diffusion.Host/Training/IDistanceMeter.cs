using Diffusion.Host.Runs;
using Diffusion.Math.Values;
using TorchSharp;

namespace Diffusion.Host.Training;

/// <summary>Measures how far samples are from the images a model was trained on.</summary>
public interface IDistanceMeter : IDisposable
{
    /// <summary>Names of the distances, which become columns.</summary>
    Sequence<string> Columns { get; }

    /// <summary>What the numbers depend on besides the samples: networks, images, rounding.</summary>
    string Provenance { get; }

    /// <summary>The distances of real images that were held out, by column: no model can be expected to come below. Empty where there are none.</summary>
    Sequence<Distance> Floor { get; }

    /// <summary>The distances of samples [N, C, H, W] in [−1, 1], in the order of the columns.</summary>
    Sequence<Distance> Measure(torch.Tensor samples);
}
