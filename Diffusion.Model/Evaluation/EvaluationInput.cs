using System.Collections.Immutable;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Sampling;
using static TorchSharp.torch;

namespace Diffusion.Model.Evaluation;

/// <summary>
/// What can be measured: images, samples of a model, or statistics that somebody stored. A closed union; it owns what it holds.
/// </summary>
/// <param name="Name">What to call it.</param>
public abstract partial record EvaluationInput(string Name) : IDisposable
{
    /// <summary>How many images there are; null where statistics do not say.</summary>
    public abstract long? Count { get; }

    /// <summary>The shape of the images; null where they differ in it, or only their statistics are known.</summary>
    public abstract ImageShape? Shape { get; }

    /// <summary>How many classes the images are known to be of; null where what they show is not known.</summary>
    public virtual int? Classes => null;

    /// <summary>What a pass over it counts: what its progress is counted in, and how many of them there are.</summary>
    public virtual (string Unit, long Total) Work => ("images", Count ?? 0);

    /// <summary>Gives back what it holds.</summary>
    public abstract void Dispose();

    /// <summary>The features of all images.</summary>
    /// <param name="extractor">The network; not owned. Stored statistics need none.</param>
    /// <param name="wanted">What is gathered beside mean and covariance.</param>
    /// <param name="watch">Receives the progress, and may cancel it.</param>
    /// <param name="cache">Where mean and covariance of images may be kept, to be measured once; null for nowhere.</param>
    /// <exception cref="InputException">An image cannot be read.</exception>
    /// <exception cref="ArgumentException">The images do not fit the network.</exception>
    /// <exception cref="NotFiniteNumberException">A sample holds what no image can; see <see cref="NonFiniteSamples"/>.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public abstract FeatureSet Measure(
        FeatureExtractor extractor, IReadOnlyCollection<Accumulation> wanted, EvaluationWatch watch, ReferenceCache? cache = null);

    /// <summary>Images of one shape.</summary>
    /// <param name="Source">The images.</param>
    /// <param name="Name">What to call them.</param>
    public sealed record OfOneSize(IImageSource Source, string Name) : EvaluationInput(Name)
    {
        /// <inheritdoc/>
        public override long? Count => Source.Provenance.Count;

        /// <inheritdoc/>
        public override ImageShape? Shape => Source.Provenance.Shape;

        /// <inheritdoc/>
        public override int? Classes => Source.Provenance.Description.ClassNames.Count is > 1 and var classes ? classes : null;

        /// <inheritdoc/>
        public override FeatureSet Measure(
            FeatureExtractor extractor, IReadOnlyCollection<Accumulation> wanted, EvaluationWatch watch, ReferenceCache? cache = null)
        {
            var images = Source.AsSequence();
            return OfImages(images, extractor, wanted, watch, cache, (first, count) =>
            {
                var (bytes, labels) = Source.Select([.. Enumerable.Range(first, count)]);
                return new([bytes], labels);
            });
        }

        /// <inheritdoc/>
        public override void Dispose() => Source.Dispose();
    }

    /// <summary>Image files, which may differ in size.</summary>
    /// <param name="Images">The images.</param>
    /// <param name="Name">What to call them.</param>
    public sealed record OfAnySize(IImageSequence Images, string Name) : EvaluationInput(Name)
    {
        /// <inheritdoc/>
        public override long? Count => Images.Count;

        /// <inheritdoc/>
        public override ImageShape? Shape => (Images as ImagesOfAnySize)?.CommonShape;

        /// <inheritdoc/>
        public override FeatureSet Measure(
            FeatureExtractor extractor, IReadOnlyCollection<Accumulation> wanted, EvaluationWatch watch, ReferenceCache? cache = null) =>
            OfImages(Images, extractor, wanted, watch, cache, (first, count) => new(Images.Read(first, count, extractor.Reading), null));

        /// <inheritdoc/>
        public override void Dispose() => (Images as IDisposable)?.Dispose();
    }

    /// <summary>A trained model, from which samples are drawn, a batch at a time.</summary>
    /// <param name="Sampling">How.</param>
    /// <param name="Wanted">How many; at least 1.</param>
    /// <param name="Name">What to call them.</param>
    public sealed record OfModel(ModelSampler Sampling, int Wanted, string Name) : EvaluationInput(Name)
    {
        /// <summary>The model, where it is to be disposed of as well.</summary>
        public TrainedModel? Owned { get; init; }

        /// <inheritdoc/>
        public override long? Count => Wanted;

        /// <inheritdoc/>
        public override ImageShape? Shape => Sampling.Shape;

        /// <inheritdoc/>
        public override int? Classes => Sampling.Classes;

        /// <inheritdoc/>
        public override (string Unit, long Total) Work => ("network calls", Sampling.NetworkCallsFor(Wanted));

        /// <inheritdoc/>
        public override FeatureSet Measure(
            FeatureExtractor extractor, IReadOnlyCollection<Accumulation> wanted, EvaluationWatch watch, ReferenceCache? cache = null)
        {
            using var pass = new FeaturePass(extractor, wanted, Wanted);
            using var samples = new SamplePass(pass, extractor.BatchSize, Sampling.Shape, Sampling.LabelOf, Sampling.Run.First);
            var sampling = new SamplingWatch
            {
                Progress = watch.Progress is null ? null : new Forwarded(watch.Progress, pass),
                Stopping = watch.Stopping,
            };
            foreach (var batch in Sampling.Batches(Wanted, sampling))
                using (batch)
                    samples.Add(batch.Images);
            return samples.Complete() with { Drawn = Sampling.Drawn() };
        }

        /// <inheritdoc/>
        public override void Dispose()
        {
            Sampling.Dispose();
            Owned?.Dispose();
        }

        private sealed record Forwarded(IProgress<EvaluationProgress> To, FeaturePass Pass) : IProgress<SamplingProgress>
        {
            public void Report(SamplingProgress value) => To.Report(new(value.NetworkCalls, value.Total, Pass.Seen));
        }
    }

    /// <summary>Samples that were drawn already.</summary>
    /// <param name="Samples">[N, C, H, W] in [−1, 1]; not owned. They are rounded to bytes as image files would hold them.</param>
    /// <param name="LabelOf">What a sample is meant to show, by its number; null where that is not known.</param>
    public sealed record OfTensor(Tensor Samples, Func<long, long?>? LabelOf = null) : EvaluationInput("samples")
    {
        /// <inheritdoc/>
        public override long? Count => Samples.shape[0];

        /// <inheritdoc/>
        public override ImageShape? Shape => new((int)Samples.shape[1], (int)Samples.shape[2], (int)Samples.shape[3]);

        /// <inheritdoc/>
        public override FeatureSet Measure(
            FeatureExtractor extractor, IReadOnlyCollection<Accumulation> wanted, EvaluationWatch watch, ReferenceCache? cache = null)
        {
            using var pass = new FeaturePass(extractor, wanted, (int)Samples.shape[0]);
            using var samples = new SamplePass(pass, extractor.BatchSize, Shape!.Value, LabelOf, 0);
            for (var first = 0L; first < Samples.shape[0]; first += extractor.BatchSize)
            {
                watch.Stopping.ThrowIfCancellationRequested();
                using var batch = Samples.narrow(0, first, Min(extractor.BatchSize, Samples.shape[0] - first));
                samples.Add(batch);
                watch.Progress?.Report(new(pass.Seen, Samples.shape[0], pass.Seen));
            }
            return samples.Complete();
        }

        /// <inheritdoc/>
        public override void Dispose()
        {
        }
    }

    /// <summary>Statistics that somebody stored.</summary>
    /// <param name="Features">The statistics.</param>
    /// <param name="Name">What to call them.</param>
    public sealed record Statistics(FeatureSet Features, string Name) : EvaluationInput(Name)
    {
        /// <inheritdoc/>
        public override long? Count => Features.Fit.Count;

        /// <inheritdoc/>
        public override ImageShape? Shape => null;

        /// <inheritdoc/>
        public override FeatureSet Measure(
            FeatureExtractor extractor, IReadOnlyCollection<Accumulation> wanted, EvaluationWatch watch, ReferenceCache? cache = null) =>
            Features;

        /// <inheritdoc/>
        public override void Dispose() => Features.Dispose();
    }

    // Mean and covariance are kept where nothing else is asked for.
    private static FeatureSet OfImages(
        IImageSequence images, FeatureExtractor extractor, IReadOnlyCollection<Accumulation> wanted, EvaluationWatch watch,
        ReferenceCache? cache, Func<int, int, Batch> read)
    {
        var sha256 = ImageHash.Of(images, extractor.Reading, watch.Stopping);
        return cache is null || wanted.Count > 0 ? Pass() : cache.Find(sha256, extractor.Identity, Pass);

        FeatureSet Pass()
        {
            using var pass = new FeaturePass(extractor, wanted, images.Count);
            ReadAhead(images, extractor.BatchSize, read, watch, pass);
            return pass.Complete(sha256);
        }
    }

    // The next images are read while the network computes.
    private static void ReadAhead(
        IImageSequence images, int batchSize, Func<int, int, Batch> read, EvaluationWatch watch, FeaturePass pass)
    {
        var next = Read(0);
        while (pass.Seen < images.Count)
        {
            using var batch = next.GetAwaiter().GetResult();
            var following = pass.Seen + (int)batch.Pieces.Sum(piece => piece.shape[0]);
            if (following < images.Count)
                next = Read(following);
            try
            {
                watch.Stopping.ThrowIfCancellationRequested();
                pass.Add(batch.Pieces, batch.Labels);
            }
            catch
            {
                Abandon(next);
                throw;
            }
            watch.Progress?.Report(new(pass.Seen, images.Count, pass.Seen));
        }

        // Dispose scopes belong to a thread: what another thread makes is owned by whoever takes it.
        Task<Batch> Read(int first) => Task.Run(() => read(first, images.BatchFrom(first, batchSize)));
    }

    private static void Abandon(Task<Batch> reading) => reading.ContinueWith(
        finished => finished.Result.Dispose(), CancellationToken.None,
        TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);

    private sealed record Batch(IReadOnlyList<Tensor> Pieces, Tensor? Labels) : IDisposable
    {
        public void Dispose()
        {
            foreach (var piece in Pieces)
                piece.Dispose();
            Labels?.Dispose();
        }
    }
}

/// <summary>Receives the progress of an evaluation, and may cancel it.</summary>
public sealed record EvaluationWatch
{
    /// <summary>Called after every batch, of samples after every step of a batch.</summary>
    public IProgress<EvaluationProgress>? Progress { get; init; }

    /// <summary>Ends the work early, with an exception.</summary>
    public CancellationToken Stopping { get; init; }
}

/// <summary>How far an evaluation is.</summary>
/// <param name="Done">Units of <see cref="EvaluationInput.Work"/> done.</param>
/// <param name="Total">How many there are.</param>
/// <param name="Measured">Images measured.</param>
public readonly record struct EvaluationProgress(long Done, long Total, int Measured);
