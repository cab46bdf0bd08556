using Diffusion.Model.Datasets;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using static TorchSharp.torch;

namespace Diffusion.Model.Evaluation;

/// <summary>Sends all images of a source through a feature network, reading the next ones while it computes.</summary>
public static class FeatureExtraction
{
    /// <summary>Measures a set of images.</summary>
    /// <param name="extractor">The network.</param>
    /// <param name="images">The images.</param>
    /// <param name="wanted">What they are measured for.</param>
    /// <param name="progress">Is told how many images are done.</param>
    /// <param name="stopping">Ends the work early, with an exception.</param>
    /// <exception cref="InputException">An image cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static FeatureSet Run(
        FeatureExtractor extractor, IImageSource images, WantedFeatures wanted, IProgress<int> progress, CancellationToken stopping) =>
        Run(extractor, images.AsSequence(), wanted, progress, stopping);

    /// <summary>Measures images that may differ in size; each is brought to the network's size on its own.</summary>
    /// <inheritdoc cref="Run(FeatureExtractor, IImageSource, WantedFeatures, IProgress{int}, CancellationToken)"/>
    public static FeatureSet Run(
        FeatureExtractor extractor, IImageSequence images, WantedFeatures wanted, IProgress<int> progress, CancellationToken stopping)
    {
        var count = images.Count;
        using var pass = new FeaturePass(extractor, wanted, count);
        var next = Read(0);
        while (pass.Seen < count)
        {
            var pieces = next.GetAwaiter().GetResult();
            var following = pass.Seen + (int)pieces.Sum(piece => piece.shape[0]);
            if (following < count)
                next = Read(following);
            try
            {
                stopping.ThrowIfCancellationRequested();
                pass.Add(pieces);
            }
            catch
            {
                Abandon(next);
                throw;
            }
            finally
            {
                Dispose(pieces);
            }
            progress.Report(pass.Seen);
        }
        return pass.Complete();

        // Dispose scopes belong to a thread: what another thread makes is owned by whoever takes it.
        Task<IReadOnlyList<Tensor>> Read(int first) =>
            Task.Run(() => images.Read(first, images.BatchFrom(first, extractor.BatchSize), extractor.Reading));
    }

    private static void Dispose(IReadOnlyList<Tensor> pieces)
    {
        foreach (var piece in pieces)
            piece.Dispose();
    }

    private static void Abandon(Task<IReadOnlyList<Tensor>> reading) => reading.ContinueWith(
        finished => Dispose(finished.Result), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
}
