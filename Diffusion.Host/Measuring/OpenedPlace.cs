using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.Images;
using Diffusion.Model.Sampling;

namespace Diffusion.Host.Measuring;

/// <summary>What was found at a place. A closed union; it owns what it holds.</summary>
/// <param name="Name">What to call it.</param>
public abstract record OpenedPlace(string Name) : IDisposable
{
    /// <summary>How many images there are; null where statistics do not say.</summary>
    public abstract long? Count { get; }

    /// <summary>The shape of the images; null where they differ in it, or only their statistics are known.</summary>
    public abstract ImageShape? Shape { get; }

    /// <summary>Gives back what it holds.</summary>
    public abstract void Dispose();

    /// <summary>Images.</summary>
    /// <param name="Source">The images.</param>
    /// <param name="Name">What to call them.</param>
    public sealed record OfOneSize(IImageSource Source, string Name) : OpenedPlace(Name)
    {
        /// <inheritdoc/>
        public override long? Count => Source.Provenance.Count;

        /// <inheritdoc/>
        public override ImageShape? Shape => Source.Provenance.Shape;

        /// <inheritdoc/>
        public override void Dispose() => Source.Dispose();
    }

    /// <summary>Image files, which may differ in size.</summary>
    /// <param name="Images">The images.</param>
    /// <param name="Name">What to call them.</param>
    public sealed record OfAnySize(ImagesOfAnySize Images, string Name) : OpenedPlace(Name)
    {
        /// <inheritdoc/>
        public override long? Count => Images.Count;

        /// <inheritdoc/>
        public override ImageShape? Shape => Images.CommonShape;

        /// <inheritdoc/>
        public override void Dispose() => Images.Dispose();
    }

    /// <summary>A trained model, from which samples are drawn.</summary>
    /// <param name="Model">The model.</param>
    /// <param name="Sampling">How.</param>
    /// <param name="Wanted">How many; at least 1.</param>
    /// <param name="Name">What to call them.</param>
    public sealed record Samples(TrainedModel Model, ModelSampler Sampling, int Wanted, string Name) : OpenedPlace(Name)
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
    public sealed record Statistics(MeasuredImages Measured, string Name) : OpenedPlace(Name)
    {
        /// <inheritdoc/>
        public override long? Count => Measured.Fit.Count;

        /// <inheritdoc/>
        public override ImageShape? Shape => null;

        /// <inheritdoc/>
        public override void Dispose() => Measured.Dispose();
    }
}
