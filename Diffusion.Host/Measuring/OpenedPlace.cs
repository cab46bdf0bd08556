using Diffusion.Model.Data;
using Diffusion.Model.Evaluation;

namespace Diffusion.Host.Measuring;

/// <summary>What was found at a place. A closed union; it owns what it holds.</summary>
/// <param name="Name">What to call it.</param>
public abstract record OpenedPlace(string Name) : IDisposable
{
    /// <summary>Gives back what it holds.</summary>
    public abstract void Dispose();

    /// <summary>Pictures.</summary>
    /// <param name="Source">The pictures.</param>
    /// <param name="Name">What to call them.</param>
    public sealed record Pictures(IImageSource Source, string Name) : OpenedPlace(Name)
    {
        /// <summary>How they were drawn; null for pictures from elsewhere.</summary>
        public DrawnSamples? Drawn { get; init; }

        /// <inheritdoc/>
        public override void Dispose() => Source.Dispose();
    }

    /// <summary>Statistics that somebody stored.</summary>
    /// <param name="Measured">The statistics.</param>
    /// <param name="Name">What to call them.</param>
    public sealed record Statistics(MeasuredPictures Measured, string Name) : OpenedPlace(Name)
    {
        /// <inheritdoc/>
        public override void Dispose() => Measured.Dispose();
    }
}
