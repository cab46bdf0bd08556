using Diffusion.Math.Values;
using TorchSharp;

namespace Diffusion.Model.Evaluation;

/// <summary>The distance of real images that were held out.</summary>
/// <param name="Name">The column of the distance.</param>
/// <param name="Value">The distance.</param>
/// <param name="Count">Of how many images.</param>
public sealed record Floor(string Name, double Value, int Count);

/// <summary>Measures how far samples are from the images a model was trained on.</summary>
public interface IDistanceMeter : IDisposable
{
    /// <summary>Names of the distances, which become columns.</summary>
    Sequence<string> Columns { get; }

    /// <summary>What the numbers depend on besides the samples: networks, images, rounding.</summary>
    string Provenance { get; }

    /// <summary>
    /// The distances of real images that were held out, by column: no model can be expected to come below. Empty where there are none.
    /// </summary>
    /// <remarks>A distance is biased upwards, the more the fewer images it is of: compare as many of both.</remarks>
    /// <param name="samples">How many samples are compared with it; of fewer held-out images all are taken. At least 2.</param>
    Sequence<Floor> FloorOf(int samples) => [];

    /// <summary>Features of a sample that a distance is of, the most where there are several networks; 0 where there are none.</summary>
    int Features => 0;

    /// <summary>Measures samples; the numbers are in the order of the columns, NaN where a sample holds what no image can.</summary>
    /// <param name="samples">[N, C, H, W] in [−1, 1].</param>
    /// <param name="labelOf">What a sample is meant to show, by its number; null where that is not known.</param>
    Sequence<MetricValue> Measure(torch.Tensor samples, Func<long, long?> labelOf);
}
