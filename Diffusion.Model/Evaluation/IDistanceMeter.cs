using Diffusion.Math.Values;
using TorchSharp;

namespace Diffusion.Model.Evaluation;

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

/// <summary>A number in a report.</summary>
/// <param name="Name">The column.</param>
/// <param name="Value">The number, or NaN where it could not be computed.</param>
public readonly record struct Figure(string Name, double Value);

/// <summary>A distance between samples and images; smaller is better.</summary>
/// <param name="Name">The column, such as <c>fd_cifarnet</c>; <c>fid</c> only with the genuine network.</param>
/// <param name="Value">At least 0, or NaN where it could not be computed.</param>
public readonly record struct Distance(string Name, double Value);
