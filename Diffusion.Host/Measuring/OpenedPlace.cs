using Diffusion.Host.Samplers;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.Images;

namespace Diffusion.Host.Measuring;

/// <summary>What was found at a place. A closed union; it owns what it holds.</summary>
/// <param name="Name">What to call it.</param>
public abstract record OpenedPlace(string Name) : IDisposable
{
    /// <summary>How many pictures there are; null where statistics do not say.</summary>
    public abstract long? Count { get; }

    /// <summary>The shape of the pictures; null where only their statistics are known.</summary>
    public abstract ImageShape? Shape { get; }

    /// <summary>Gives back what it holds.</summary>
    public abstract void Dispose();

    /// <summary>Pictures.</summary>
    /// <param name="Source">The pictures.</param>
    /// <param name="Name">What to call them.</param>
    public sealed record Pictures(IImageSource Source, string Name) : OpenedPlace(Name)
    {
        /// <inheritdoc/>
        public override long? Count => Source.Provenance.Count;

        /// <inheritdoc/>
        public override ImageShape? Shape => Source.Provenance.Shape;

        /// <inheritdoc/>
        public override void Dispose() => Source.Dispose();
    }

    /// <summary>A trained model, from which samples are drawn.</summary>
    /// <param name="Model">The model.</param>
    /// <param name="Sampling">How.</param>
    /// <param name="Wanted">How many; at least 1.</param>
    /// <param name="Name">What to call them.</param>
    public sealed record Samples(TrainedModel Model, ModelSampling Sampling, int Wanted, string Name) : OpenedPlace(Name)
    {
        /// <inheritdoc/>
        public override long? Count => Wanted;

        /// <inheritdoc/>
        public override ImageShape? Shape => Sampling.Shape;

        /// <inheritdoc/>
        public override void Dispose() => Model.Dispose();
    }

    /// <summary>Statistics that somebody stored.</summary>
    /// <param name="Measured">The statistics.</param>
    /// <param name="Name">What to call them.</param>
    public sealed record Statistics(MeasuredPictures Measured, string Name) : OpenedPlace(Name)
    {
        /// <inheritdoc/>
        public override long? Count => Measured.Fit.Count;

        /// <inheritdoc/>
        public override ImageShape? Shape => null;

        /// <inheritdoc/>
        public override void Dispose() => Measured.Dispose();
    }
}
